@_exported public import TidemarkModel
@_exported public import TidemarkStore
