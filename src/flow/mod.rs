//! What happens. Each flow is written over the ports only, so that it runs the same in workerd and in a test.

pub mod receive;
