//! The web surface from outside: who is let in, over what, and what it bears.

mod bounds;
mod http;
mod reload;
