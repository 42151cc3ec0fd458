//! Everything in D1, and the only SQL of the product.
