module ffence/bench

go 1.19
