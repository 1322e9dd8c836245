// swift-tools-version: 6.2
import PackageDescription

// A service of somebody else's, in a package of its own. `traits: []` is all that the suite needs.
let package = Package(
    name: "fourth-service",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "tidemark", path: "../..", traits: [])
    ],
    targets: [
        .target(name: "FourthService", dependencies: [.product(name: "Tidemark", package: "tidemark")]),
        .testTarget(
            name: "FourthServiceTests",
            dependencies: [
                "FourthService", .product(name: "Tidemark", package: "tidemark"),
                .product(name: "TidemarkConformance", package: "tidemark"),
                .product(name: "TidemarkSimulator", package: "tidemark"),
            ]),
    ]
)
