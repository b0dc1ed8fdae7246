module ffence/refused

go 1.19
