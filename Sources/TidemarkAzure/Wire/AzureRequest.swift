package import TidemarkModel

package typealias AzureRequest = WireRequest
