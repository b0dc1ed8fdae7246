// Command good has its //export without a space, so that cgo makes a function of C's of it.
package main

/*
extern int goDouble(int number);

static int ask(int number) { return goDouble(number); }
*/
import "C"

import "fmt"

//export goDouble
func goDouble(number C.int) C.int { return 2 * number }

func main() {
	fmt.Println("RESULT", C.ask(21))
}
