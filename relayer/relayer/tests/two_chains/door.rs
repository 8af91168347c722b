//! A door before an endpoint, which a test opens and shuts.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(crate) struct Door {
    pub(crate) url: String,
    is_open: watch::Sender<bool>,
}

impl Door {
    /// A shut door before the endpoint at `url`.
    pub(crate) async fn before(url: &str) -> Self {
        let behind = url.strip_prefix("http://").expect("a url").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (is_open, seen) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((visitor, _)) = listener.accept().await {
                tokio::spawn(pass(visitor, behind.clone(), seen.clone()));
            }
        });
        Self {
            url: format!("http://{address}"),
            is_open,
        }
    }

    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
    }

    /// Who is within is sent away, too.
    pub(crate) fn shut(&self) {
        self.is_open.send_replace(false);
    }
}

async fn pass(mut visitor: TcpStream, behind: String, mut is_open: watch::Receiver<bool>) {
    if !*is_open.borrow() {
        return;
    }
    let Ok(mut host) = TcpStream::connect(&behind).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut visitor, &mut host) => {}
        _ = is_open.wait_for(|is_open| !is_open) => {}
    }
}
