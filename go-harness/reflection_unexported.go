package main

// The claim: reflection reaches unexported fields.
//
// What to look for: it looks at them, and no more: String and Int answer, but Set
// and Interface panic on what was reached through an unexported name.
//
// The rule: what reflection is to change is exported. The way around it, an
// unsafe.Pointer to the field, is one around the author's promise as well.
//
// Source: https://pkg.go.dev/reflect#Value.CanSet; https://go.dev/blog/laws-of-reflection

import "reflect"

func init() {
	register("reflection_unexported", program{bad: setUnexported, good: setExported})
}

type labelled struct {
	owner string
	Label string
}

func setUnexported() {
	it := labelled{owner: "bob"}
	field := reflect.ValueOf(&it).Elem().FieldByName("owner")
	if field.String() != "bob" {
		panic("it is not to be seen")
	}
	field.SetString("eve")
	result("the owner is %s", it.owner)
}

func setExported() {
	it := labelled{owner: "bob"}
	reflect.ValueOf(&it).Elem().FieldByName("Label").SetString("savings")
	result("the label is %s", it.Label)
}
