//! Writes a community: `cargo run -p hachi-synth --example sample -- OUT [MEMBERS [DAYS [THREADS]]]`.

use hachi_synth::{Params, generate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let out = args.next().ok_or("give a folder to write to")?;
    let number = |args: &mut dyn Iterator<Item = String>, or: u32| args.next().map_or(Ok(or), |arg| arg.parse::<u32>());
    let defaults = Params::default();
    let members = number(&mut args, defaults.members)?;
    let days = number(&mut args, defaults.days)?;
    let threads = number(&mut args, 2)? as usize;
    let params = Params { members, days, threads, ..defaults };
    let summary = generate(&params, out.as_ref(), &mut |_| {})?;
    println!("{summary:#?}");
    Ok(())
}
