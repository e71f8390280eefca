//! inferno-vps
