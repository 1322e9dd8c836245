// swift-tools-version: 6.2
import PackageDescription

// The plain clients alone: no store, no engine, no command line. `NIO` is for Avaya's socket, which Foundation has on Apple's systems
// only; `Crypto` signs what is asked with a resource's key.
let package = Package(
    name: "quick-starts",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "tidemark", path: "../..", traits: ["NIO", "Crypto"])
    ],
    targets: [
        .target(name: "QuickStart"),
        program("AzureIdentity", "TidemarkAzure"),
        program("AzureChat", "TidemarkAzure"),
        program("SpacesGuest", "TidemarkAvaya"),
        program("SpacesRegistered", "TidemarkAvaya"),
        program("LiveKitRoom", "TidemarkLiveKit"),
    ]
)

func program(_ name: String, _ service: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [
            "QuickStart", .product(name: service, package: "tidemark"), .product(name: "TidemarkModel", package: "tidemark"),
            .product(name: "TidemarkAsyncHTTPClient", package: "tidemark"),
        ])
}
