// swift-tools-version: 6.2
import PackageDescription

// An embedder that asks for `traits: []` resolves GRDB, swift-log and swift-http-types and nothing else.
let nio: TargetDependencyCondition? = .when(traits: ["NIO"])
let lifecycle: TargetDependencyCondition? = .when(traits: ["Lifecycle"])
let crypto: TargetDependencyCondition? = .when(traits: ["Crypto"])
let tools: TargetDependencyCondition? = .when(traits: ["Tools"])
let simulation: TargetDependencyCondition? = .when(traits: ["Simulation"])

let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let cryptoLibrary: Target.Dependency = .product(name: "Crypto", package: "swift-crypto", condition: crypto)

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "tidemark",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .library(name: "Tidemark", targets: ["Tidemark"]),
        .library(name: "TidemarkModel", targets: ["TidemarkModel"]),
        .library(name: "TidemarkAzure", targets: ["TidemarkAzure"]),
        .library(name: "TidemarkLiveKit", targets: ["TidemarkLiveKit"]),
        .library(name: "TidemarkAvaya", targets: ["TidemarkAvaya"]),
        .library(name: "TidemarkAsyncHTTPClient", targets: ["TidemarkAsyncHTTPClient"]),
        .library(name: "TidemarkURLSession", targets: ["TidemarkURLSession"]),
        .library(name: "TidemarkSimulator", targets: ["TidemarkSimulator"]),
        .library(name: "TidemarkConformance", targets: ["TidemarkConformance"]),
        .library(name: "TidemarkTranscripts", targets: ["TidemarkTranscripts"]),
        .executable(name: "tidemark", targets: ["TidemarkCLI"]),
    ],
    traits: [
        .default(enabledTraits: ["Tools"]),
        .trait(
            name: "Tools",
            description: "The command line and the simulator's server.",
            enabledTraits: ["NIO", "Lifecycle", "Crypto", "Simulation"]
        ),
        .trait(name: "NIO", description: "The transport on AsyncHTTPClient, for Linux and servers."),
        .trait(name: "Lifecycle", description: "SyncEngine as a ServiceLifecycle Service."),
        .trait(name: "Crypto", description: "Azure's identity client and LiveKit's access tokens, which sign."),
        .trait(name: "Simulation", description: "The runner of the simulated histories, a tool of this package's tests."),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.24.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    ],
    targets: [
        .target(
            name: "TidemarkSchema", path: "Schema", exclude: ["schema.sql"],
            resources: [
                .embedInCode("sql/v001_initial.sql"), .embedInCode("sql/v002_arrivals.sql"),
                .embedInCode("sql/v003_files.sql"), .embedInCode("sql/v004_search.sql"), .embedInCode("sql/v005_revisions.sql"),
                .embedInCode("sql/v006_every_version.sql"),
            ], swiftSettings: strict
        ),
        module("TidemarkModel", [httpTypes]),
        module("TidemarkStore", ["TidemarkModel", "TidemarkSchema", grdb, sqlite]),
        module(
            "Tidemark",
            [
                "TidemarkModel", "TidemarkStore", logging,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: lifecycle),
            ]),
        module("TidemarkAzure", ["TidemarkModel", httpTypes, cryptoLibrary]),
        module("TidemarkLiveKit", ["TidemarkModel", httpTypes, cryptoLibrary]),
        module("TidemarkAvaya", ["TidemarkModel", httpTypes]),
        module(
            "TidemarkAsyncHTTPClient",
            [
                "TidemarkModel", httpTypes,
                .product(name: "AsyncHTTPClient", package: "async-http-client", condition: nio),
                .product(name: "NIOCore", package: "swift-nio", condition: nio),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: nio),
                .product(name: "NIOPosix", package: "swift-nio", condition: nio),
                .product(name: "NIOWebSocket", package: "swift-nio", condition: nio),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: nio),
            ]),
        module("TidemarkURLSession", ["TidemarkModel", httpTypes]),
        module("TidemarkSimulator", ["TidemarkModel", httpTypes]),
        module("TidemarkConformance", ["Tidemark", "TidemarkModel", "TidemarkSimulator", "TidemarkStore", logging]),
        module("TidemarkTranscripts", ["Tidemark", "TidemarkLiveKit", "TidemarkModel", "TidemarkStore", httpTypes]),
        module(
            "TidemarkSimulatorServer",
            [
                "TidemarkModel", "TidemarkSimulator", httpTypes, logging,
                .product(name: "Hummingbird", package: "hummingbird", condition: tools),
                .product(name: "NIOCore", package: "swift-nio", condition: nio),
                .product(name: "NIOPosix", package: "swift-nio", condition: nio),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: nio),
                .product(name: "NIOWebSocket", package: "swift-nio", condition: nio),
            ]),
        .executableTarget(
            name: "TidemarkCLI",
            dependencies: [
                "Tidemark", "TidemarkAzure", "TidemarkAvaya", "TidemarkLiveKit", "TidemarkAsyncHTTPClient", "TidemarkSimulator",
                "TidemarkSimulatorServer", "TidemarkTranscripts", httpTypes,
                logging, .product(name: "ArgumentParser", package: "swift-argument-parser", condition: tools),
                .product(name: "Hummingbird", package: "hummingbird", condition: tools),
                .product(name: "NIOCore", package: "swift-nio", condition: nio),
            ],
            swiftSettings: strict
        ),
        tests("TidemarkModelTests", ["TidemarkModel"]),
        tests("TidemarkStoreTests", ["TidemarkStore", "TidemarkSchema", grdb, sqlite]),
        tests("TidemarkTests", ["Tidemark", "TidemarkAzure", "TidemarkSchema", "TidemarkSimulator", "TidemarkStore", grdb]),
        tests("TidemarkAzureTests", ["TidemarkAzure", "TidemarkSimulator", "TidemarkStore", grdb]),
        tests(
            "TidemarkLiveKitTests",
            ["Tidemark", "TidemarkLiveKit", "TidemarkModel", "TidemarkSimulator", "TidemarkStore", httpTypes]),
        tests(
            "TidemarkAvayaTests",
            ["Tidemark", "TidemarkAvaya", "TidemarkModel", "TidemarkSimulator", "TidemarkStore", httpTypes]),
        tests(
            "TransportTests",
            [
                "TidemarkModel", "TidemarkAsyncHTTPClient", "TidemarkURLSession", httpTypes,
                .product(name: "NIOCore", package: "swift-nio", condition: nio),
                .product(name: "NIOPosix", package: "swift-nio", condition: nio),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: nio),
                .product(name: "NIOWebSocket", package: "swift-nio", condition: nio),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: nio),
            ]),
        tests(
            "TidemarkSimulatorTests",
            [
                "TidemarkModel", "TidemarkAvaya", "TidemarkSimulator", "TidemarkSimulatorServer", "TidemarkAsyncHTTPClient",
                httpTypes, .product(name: "NIOCore", package: "swift-nio", condition: nio),
                .product(name: "NIOPosix", package: "swift-nio", condition: nio),
            ]),
        .target(
            name: "Histories",
            dependencies: [
                "Tidemark", "TidemarkModel", "TidemarkStore", "TidemarkAzure", "TidemarkAvaya", "TidemarkLiveKit",
                "TidemarkSimulator", "TidemarkTranscripts", httpTypes,
            ],
            path: "Tests/Histories", swiftSettings: strict
        ),
        .target(name: "ProcessSettings", path: "Tests/ProcessSettings", linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "HistoryRunner",
            dependencies: [
                "Histories", "ProcessSettings",
                .product(name: "ArgumentParser", package: "swift-argument-parser", condition: simulation),
            ],
            path: "Tests/HistoryRunner", swiftSettings: strict
        ),
        tests("SimulationTests", ["Histories"]),
        tests(
            "ConformanceTests",
            [
                "Tidemark", "TidemarkAvaya", "TidemarkAzure", "TidemarkConformance", "TidemarkLiveKit", "TidemarkModel",
                "TidemarkSimulator",
                "TidemarkStore",
            ]),
        tests(
            "TranscriptTests",
            [
                "Tidemark", "TidemarkTranscripts", "TidemarkAvaya", "TidemarkAzure", "TidemarkModel", "TidemarkSimulator",
                "TidemarkStore",
            ]),
        tests(
            "HostileBytesTests",
            [
                "TidemarkModel", "TidemarkAzure", "TidemarkAvaya", "TidemarkLiveKit", "TidemarkSimulator", "TidemarkTranscripts",
                httpTypes,
            ]),
        .target(name: "FaultyDisk", path: "Tests/FaultyDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
        tests(
            "CrashPointTests",
            ["FaultyDisk", "TidemarkAzure", "TidemarkModel", "TidemarkSchema", "TidemarkStore", "TidemarkTranscripts", grdb]),
        tests("SystemTests", []),
    ]
)

// What the sanitizers and the crash points build: the engine and its tests, without the tools and what those depend on.
if Context.environment["TIDEMARK_ENGINE_ONLY"] != nil {
    let engine: Set = [
        "TidemarkSchema", "TidemarkModel", "TidemarkStore", "Tidemark", "TidemarkAzure", "TidemarkAvaya", "TidemarkLiveKit",
        "TidemarkSimulator", "TidemarkTranscripts", "Histories", "TidemarkModelTests", "TidemarkStoreTests", "TidemarkTests",
        "TidemarkLiveKitTests", "TidemarkAvayaTests", "SimulationTests", "TranscriptTests", "HostileBytesTests", "FaultyDisk",
        "CrashPointTests",
    ]
    package.targets.removeAll { !engine.contains($0.name) }
    package.products.removeAll { !engine.contains($0.name) }
}
