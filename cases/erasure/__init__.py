"""Erasing a case or a person in it: proposed by one, approved by another, carried out at once, certified for good.

What is destroyed are the keys; the rows follow in the same transaction, files and free pages right after it. Also what
keeps a case from being erased (a legal hold) and what proposes one (a rule of retention).
"""
