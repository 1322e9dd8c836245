package import TidemarkModel

extension AzureChatWire: ServiceWire {
    package var traits: ServiceTraits { .azure(version) }

    package func request(for delivery: Delivery) throws(ServiceError) -> WireRequest {
        try request(for: delivery, requestID: nil)
    }

    package func request(for request: PageRequest) throws(ServiceError) -> WireRequest {
        try self.request(for: request, requestID: nil)
    }

    package func events(named name: String, payload: [UInt8]) throws(ServiceError) -> [RemoteEvent] {
        try AzureEvent.decode(name, payload: payload)
    }
}
