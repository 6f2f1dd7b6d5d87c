"""The book: every theorem is a module, and every module can be asked to stand up.

    python -m proofs               every theorem, with its evidence
    python -m proofs inertia       one theorem in full

How to read a theorem, `proofs/<name>.py`:

    docstring           the statement: its first line a sentence, then hypotheses, bound or
                        equality, references, and the claim of the blog post that it settles
    uses                the theorems (modules) that it rests on
    hypotheses()        a Hypothesis strategy: any case that the hypotheses allow, in exact numbers
                        wherever the theory is rational
    conclusion(case)    asserts what must then hold, by a channel that does not know the closed
                        form: values of the loss on the samples, exact LDLᴴ, brute force
    proof(n=2, m=3)     the derivation in symbols, on the functions that ship; its sizes are
                        arguments, so that the signature is the scope; without sizes, for all
    counterexamples     for each hypothesis a case without it, at which the conclusion fails

A theorem may lack the members below its docstring; its evidence is then a lower word of

    cited < floating < exact cases < symbolic at sizes < symbolic in all sizes

and never a higher one than that of a theorem which it uses. A proof must prove all of the
statement: what is proved in part is two theorems.
Adding a theorem is adding one file; `_cases.py` draws the instances, `_book.py` finds the modules.
"""
