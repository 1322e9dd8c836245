import TidemarkModel

print(Timestamp(milliseconds: 0))
