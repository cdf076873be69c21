"""The organisation's keys on paper and on a machine without a network: founding, making officers, recovering cases.

Nothing in here touches a database or a server's settings; `python -m accounts.ceremony` runs from the bare checkout.
"""
