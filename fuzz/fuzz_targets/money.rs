#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| quittance_fuzz::money::run(data));
