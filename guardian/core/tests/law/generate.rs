//! The traces that are accepted. What holds at their ends is written by hand.

use alloy_primitives::B256;
use guardian_core::halt::ENDLESS;

use crate::harness::Files;
use crate::rejects;
use crate::trace::{
    FEW, MANY, Trace, application, asset, client, contract, direction, everything, everywhere, light, path,
    token,
};
use crate::world::{DAY, HOUR, START};

pub(crate) fn files() -> Files {
    let mut files = Files::new();
    let accepted = [
        ("halt_each_narrow_kind", narrow()),
        ("halt_each_wide_kind", wide()),
        ("halt_is_never_shortened", never_shortened()),
        ("client_halt_is_one_of_its_contract", client_and_contract()),
        (
            "client_resume_leaves_the_contracts_own_halt",
            contract_has_its_own(),
        ),
        (
            "client_resume_leaves_the_halt_of_another_id",
            contract_of_two_ids(),
        ),
        ("budget_in_pieces", pieces()),
        ("budget_comes_back_after_a_week", comes_back()),
        ("budget_of_all_contracts", whole()),
        ("budget_of_two_ids_of_one_contract", shared_contract()),
        ("confirm_costs_no_budget", confirmed()),
        ("resume_after_the_delay", resumed()),
        ("resume_of_a_breach", breach_resumed()),
        ("halt_cancels_a_resume_without_lengthening", cancels()),
        ("rotation", rotated()),
        ("cancel_a_hold", cancelled()),
        ("compact_signatures", compact()),
        ("all_guardians_sign", all_sign()),
    ];
    for (name, trace) in accepted {
        files.insert(format!("accept/{name}.json"), trace.file());
    }
    for (rule, name, trace) in rejects::traces() {
        let path = format!("reject/{rule}/{name}.json");
        assert!(
            files.insert(path, trace.file()).is_none(),
            "{rule}/{name} is there twice"
        );
    }
    files
}

fn narrow() -> Trace {
    let until = START + HOUR;
    Trace::new("the small quorum halts each narrow kind of scope")
        .halt(client(0), HOUR, FEW)
        .halt(contract(token(0x77)), HOUR, &[3, 4])
        .halt(asset(2, token(1)), HOUR, &[0, 4])
        .halt(direction(2, 0), HOUR, FEW)
        .halt(direction(2, 1), HOUR, &[1, 2, 3])
        .until(client(0), until)
        .until(contract(light(0)), until)
        .until(contract(token(0x77)), until)
        .until(asset(2, token(1)), until)
        .until(direction(2, 0), until)
        .until(direction(2, 1), until)
        .until(client(1), 0)
        .until(client(2), 0)
        .until(asset(2, token(2)), 0)
        .charged(path(0), HOUR)
        .charged(light(0), HOUR)
        .charged(token(0x77), HOUR)
        .charged(path(2), 3 * HOUR)
        .charged(light(2), 3 * HOUR)
        .charged(B256::ZERO, 2 * HOUR)
}

fn wide() -> Trace {
    Trace::new("the large quorum halts each wide kind of scope, outside the budget")
        .halt(application(), DAY, MANY)
        .halt(everything(), DAY, &[1, 2, 3, 4])
        .halt(everywhere(token(1)), HOUR, MANY)
        .until(application(), START + DAY)
        .until(everything(), START + DAY)
        .until(everywhere(token(1)), START + HOUR)
        .until(everywhere(token(2)), 0)
        .charged(B256::ZERO, 0)
}

fn never_shortened() -> Trace {
    Trace::new("a later halt of another scope leaves the first as it is; one that ends later lengthens it")
        .halt(asset(0, token(1)), 4 * HOUR, FEW)
        .wait(HOUR)
        .halt(asset(0, token(2)), HOUR, FEW)
        .halt(asset(0, token(1)), 5 * HOUR, FEW)
        .until(asset(0, token(1)), START + 6 * HOUR)
        .until(asset(0, token(2)), START + 2 * HOUR)
        .charged(path(0), 10 * HOUR)
}

fn client_and_contract() -> Trace {
    Trace::new("a halted client's contract is halted too, and resumed with it")
        .halt(client(2), 2 * HOUR, FEW)
        .schedule(client(2), 1, MANY)
        .wait(HOUR)
        .execute(client(2))
        .until(client(2), 0)
        .until(contract(light(2)), 0)
}

fn contract_has_its_own() -> Trace {
    Trace::new("the contract was halted for a reason of its own: the client's resume leaves that halt")
        .halt(contract(light(2)), 5 * HOUR, FEW)
        .halt(client(2), 2 * HOUR, FEW)
        .schedule(client(2), 2, MANY)
        .wait(HOUR)
        .execute(client(2))
        .until(client(2), 0)
        .until(contract(light(2)), START + 5 * HOUR)
}

fn contract_of_two_ids() -> Trace {
    Trace::new("two ids of one contract are halted: the resume of the first leaves contract and second id")
        .halt(client(0), 3 * HOUR, FEW)
        .halt(client(1), 2 * HOUR, FEW)
        .schedule(client(0), 1, MANY)
        .wait(HOUR)
        .execute(client(0))
        .until(client(0), 0)
        .until(client(1), START + 2 * HOUR)
        .until(contract(light(0)), START + 3 * HOUR)
}

fn pieces() -> Trace {
    let mut trace = Trace::new("24 hours in 24 pieces, over scopes of every narrow kind of one path");
    for hour in 0u8..24 {
        let at = match hour % 4 {
            0 => asset(0, token(hour + 1)),
            1 => direction(0, 0),
            2 => direction(0, 1),
            _ => client(0),
        };
        trace = trace.halt(at, HOUR, FEW).wait(HOUR);
    }
    trace
        .charged(path(0), DAY)
        .charged(light(0), DAY)
        .charged(B256::ZERO, 6 * HOUR)
}

fn comes_back() -> Trace {
    Trace::new("a charge counts until 7 days after its end, and not a second longer")
        .halt(asset(0, token(1)), DAY, FEW)
        .wait(8 * DAY)
        .halt(asset(0, token(1)), DAY, FEW)
        .until(asset(0, token(1)), START + 9 * DAY)
        .charged(path(0), DAY)
}

fn whole() -> Trace {
    Trace::new("three clients for a day each: that is all that the small quorum has for contracts")
        .halt(client(0), DAY, FEW)
        .halt(client(2), DAY, FEW)
        .halt(client(3), DAY, FEW)
        .halt(asset(4, token(1)), DAY, FEW)
        .charged(B256::ZERO, 3 * DAY)
        .charged(light(4), DAY)
}

fn shared_contract() -> Trace {
    Trace::new("two ids of one contract share its time")
        .halt(asset(0, token(1)), 10 * HOUR, FEW)
        .halt(asset(1, token(1)), 14 * HOUR, FEW)
        .charged(path(0), 10 * HOUR)
        .charged(path(1), 14 * HOUR)
        .charged(light(0), DAY)
}

fn confirmed() -> Trace {
    Trace::new("the large quorum lengthens a halt to 30 days, outside the budget")
        .halt(client(0), DAY, FEW)
        .confirm(client(0), 30 * DAY, MANY)
        .until(client(0), START + 30 * DAY)
        .until(contract(light(0)), START + 30 * DAY)
        .charged(path(0), DAY)
        .charged(B256::ZERO, DAY)
}

fn resumed() -> Trace {
    Trace::new("a resume is executed at its first second, by anybody; then the scope can be halted again")
        .confirm(everything(), 10 * DAY, MANY)
        .schedule(everything(), 1, MANY)
        .wait(HOUR)
        .execute(everything())
        .halt(everything(), 2 * HOUR, MANY)
        .until(everything(), START + 3 * HOUR)
}

fn breach_resumed() -> Trace {
    Trace::new("a halt after a breach does not end by itself; the large quorum resumes it")
        .breach(asset(0, token(1)))
        .breach(asset(0, token(2)))
        .wait(100 * DAY)
        .schedule(asset(0, token(1)), 1, MANY)
        .wait(HOUR)
        .execute(asset(0, token(1)))
        .until(asset(0, token(1)), 0)
        .until(asset(0, token(2)), ENDLESS)
}

fn cancels() -> Trace {
    Trace::new("while a resume waits, a halt may end earlier than the present one: it cancels the resume")
        .confirm(asset(0, token(1)), 10 * DAY, MANY)
        .schedule(asset(0, token(1)), 1, MANY)
        .halt(asset(0, token(1)), HOUR, FEW)
        .until(asset(0, token(1)), START + 10 * DAY)
        .charged(path(0), HOUR)
}

fn rotated() -> Trace {
    Trace::new("after a rotation the new set halts, with nonces of its own; what was halted stays, what was used up too")
        .halt(asset(0, token(1)), 20 * HOUR, FEW)
        .rotate()
        .halt(asset(0, token(2)), 4 * HOUR, FEW)
        .change(FEW, |op| op.nonce = 1)
        .until(asset(0, token(1)), START + 20 * HOUR)
        .charged(path(0), DAY)
}

fn cancelled() -> Trace {
    Trace::new("the small quorum cancels held packets, under a halt of everything")
        .halt(everything(), DAY, MANY)
        .cancel(1, FEW)
        .cancel(2, &[2, 4])
}

fn compact() -> Trace {
    Trace::new("signatures in the form of EIP-2098")
        .halt(client(0), HOUR, FEW)
        .tamper(|op| {
            for signature in &mut op.signatures {
                let mut bytes = signature[..64].to_vec();
                bytes[32] |= (signature[64] - 27) << 7;
                *signature = bytes.into();
            }
        })
}

fn all_sign() -> Trace {
    Trace::new("more guardians sign than are needed").halt(client(0), HOUR, &[0, 1, 2, 3, 4])
}
