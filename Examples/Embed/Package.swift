// swift-tools-version: 6.2
import PackageDescription

// `traits: []` leaves the command line, the simulator's server and SwiftNIO out: three packages are resolved.
let package = Package(
    name: "embed",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "tidemark", path: "../..", traits: [])
    ],
    targets: [
        .executableTarget(
            name: "Embed",
            dependencies: [
                .product(name: "Tidemark", package: "tidemark"),
                .product(name: "TidemarkAzure", package: "tidemark"),
                .product(name: "TidemarkURLSession", package: "tidemark"),
            ]
        )
    ]
)
