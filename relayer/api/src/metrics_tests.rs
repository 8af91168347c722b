use super::*;
use crate::view::{AmountView, ChainView, PathView};
use std::collections::BTreeMap;

fn end(name: &str, backlog: BTreeMap<String, u64>) -> EndView {
    EndView {
        end: name.into(),
        backlog,
        unread_blocks: 12,
        oldest: Some(40),
        trusted_height: Some(9),
        expires: Some(90),
        expires_in_secs: Some(-10),
        stopped: None,
        doubted: None,
        settled: BTreeMap::from([("acked".to_owned(), 7)]),
        pruned: 4,
    }
}

const PAID: Paid<'static> = Paid {
    amount: 700.0,
    unit: "wei",
};

fn amount(amount: &str, unit: &str) -> AmountView {
    AmountView {
        amount: amount.into(),
        unit: unit.into(),
    }
}

fn path(backlog: BTreeMap<String, u64>) -> PathView {
    PathView {
        a: end("a/client-0", backlog),
        b: end("b/client-0", BTreeMap::new()),
    }
}

fn status() -> StatusView {
    let chain = ChainView {
        chain: "a".into(),
        finalized_height: Some(64),
        latest_block: Some(70),
        answered: Some(95),
        balance_wei: Some("1000000000000000000".into()),
        balance: Some(amount("1000000000000000000", "wei")),
        trouble: None,
    };
    StatusView {
        at: 100,
        chains: vec![chain],
        paths: vec![path(BTreeMap::from([("seen".to_owned(), 3)]))],
        ..StatusView::default()
    }
}

#[test]
fn gauges_follow_the_status_and_forget_what_is_gone() {
    let metrics = Metrics::default();
    let status = status();
    metrics.show(&status);
    let text = metrics.text().expect("text");
    assert!(
        text.contains(r#"weighbridge_packets_backlog{path="a/client-0",stage="seen"} 3"#),
        "{text}"
    );
    assert!(
        text.contains(r#"weighbridge_client_expiry_seconds{path="a/client-0"} -10"#),
        "{text}"
    );
    assert!(
        text.contains(r#"weighbridge_packet_oldest_age_seconds{path="a/client-0"} 60"#),
        "{text}"
    );
    assert!(
        text.contains(r#"weighbridge_blocks_unread{path="a/client-0"} 12"#),
        "{text}"
    );
    assert!(
        text.contains(r#"weighbridge_chain_silent_seconds{chain="a"} 5"#),
        "{text}"
    );
    metrics.show(&StatusView {
        paths: vec![path(BTreeMap::new())],
        ..status
    });
    let text = metrics.text().expect("text");
    assert!(
        text.contains(r#"weighbridge_packets_settled_total{path="a/client-0",outcome="acked"} 7"#),
        "shown twice, counted once: {text}"
    );
    assert!(
        text.contains(r#"weighbridge_packets_pruned_total{path="a/client-0"} 4"#),
        "{text}"
    );
    assert!(!metrics.text().expect("text").contains(r#"stage="seen""#));
}

#[test]
fn every_metric_is_in_the_operators_page() {
    let page = include_str!("../../../docs/howto/operate.md");
    let metrics = Metrics::default();
    metrics.show(&status());
    metrics.submitted("a");
    metrics.landed("a", 100, PAID, "succeeded");
    metrics.failed("a", "peer");
    metrics.settled("a/client-0", "acked", 12);
    let text = metrics.text().expect("text");
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let mut count = 0;
    for line in types {
        let (name, kind) = line.split_once(' ').expect("a name and a kind");
        let shown = if kind == "counter" {
            format!("{name}_total{{")
        } else {
            format!("{name}{{")
        };
        assert!(page.contains(&shown), "docs/howto/operate.md lacks {shown}");
        count += 1;
    }
    assert!(count >= 14, "only {count} metrics are registered");
}

#[test]
fn counters_carry_their_labels() {
    let metrics = Metrics::default();
    metrics.submitted("a");
    metrics.landed("a", 100, PAID, "final");
    metrics.failed("a", "peer");
    metrics.settled("a/client-0", "acked", 12);
    let text = metrics.text().expect("text");
    assert!(
        text.contains(r#"weighbridge_submissions_total{chain="a",result="final"} 1"#),
        "{text}"
    );
    assert!(
        text.contains(r#"weighbridge_gas_used_total{chain="a"} 100"#),
        "{text}"
    );
    assert!(
        text.contains(r#"weighbridge_failures_total{chain="a",blame="peer"} 1"#),
        "{text}"
    );
    assert!(
        text.contains(r#"weighbridge_packet_latency_seconds_count{path="a/client-0",outcome="acked"} 1"#)
    );
}

#[test]
fn a_coin_is_never_called_wei() {
    let metrics = Metrics::default();
    let mut status = status();
    status.chains.push(ChainView {
        chain: "hub".into(),
        balance_wei: None,
        balance: Some(amount("5000", "uatom")),
        ..status.chains[0].clone()
    });
    metrics.show(&status);
    metrics.landed("a", 100, PAID, "succeeded");
    let paid = Paid {
        amount: 12.5,
        unit: "uatom",
    };
    metrics.landed("hub", 500, paid, "succeeded");
    let text = metrics.text().expect("text");
    for wanted in [
        r#"weighbridge_balance{chain="a",unit="wei"} 1000000000000000000.0"#,
        r#"weighbridge_balance_wei{chain="a"} 1000000000000000000.0"#,
        r#"weighbridge_balance{chain="hub",unit="uatom"} 5000.0"#,
        r#"weighbridge_spent_total{chain="hub",unit="uatom"} 12.5"#,
        r#"weighbridge_spent_wei_total{chain="a"} 700.0"#,
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
    for wrong in [r#"_wei{chain="hub"}"#, r#"_wei_total{chain="hub"}"#] {
        assert!(!text.contains(wrong), "{text}");
    }
}
