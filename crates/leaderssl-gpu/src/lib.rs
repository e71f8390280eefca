//! leaderssl-gpu
