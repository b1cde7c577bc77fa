"""Who settles the parts of a batch: this process, its children, or an Apache Spark cluster.

All run the same `settle_part` over the same parts; the answers and the bytes of the evidence do
not depend on the choice (decisions/0009).
"""
