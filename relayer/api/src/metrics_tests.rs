use super::*;
use crate::view::{ChainView, PathView};
use std::collections::BTreeMap;

fn end(name: &str, backlog: BTreeMap<String, u64>) -> EndView {
    EndView {
        end: name.into(),
        backlog,
        oldest: Some(40),
        trusted_height: Some(9),
        expires: Some(90),
        expires_in_secs: Some(-10),
        stopped: None,
        settled: BTreeMap::from([("acked".to_owned(), 7)]),
        pruned: 4,
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
    metrics.landed("a", 100, 7, "succeeded");
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
    metrics.landed("a", 100, 7, "final");
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
