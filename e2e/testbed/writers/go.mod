module lodge.dev/e2e/testbed/writers

go 1.26.0
