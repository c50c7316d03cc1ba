"""The document as something to edit: a form over its rules that changes the text only where a value changed.

``tree`` keeps where everything stands, ``strokes`` are the smallest changes of the text, ``placing`` puts a value at a
path, ``entries`` adds, moves and removes rules, ``sheets`` is the form's view of one rule; ``completing`` and
``mending`` serve the text view. Comments, order and formatting of what is not touched stay, byte for byte. Pure.
"""
