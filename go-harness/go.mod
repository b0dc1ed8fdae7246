module ffence/go-harness

go 1.19
