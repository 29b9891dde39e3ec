"""The doctor: everything that an operator's night check looks at, each finding with its remedy."""
