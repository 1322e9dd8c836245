extension HTMLExport {
    /// Everything above the first conversation. The policy lets a reader load nothing and run nothing, whatever a message holds.
    static func head(title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(HTMLText.escaped(title))</title>
        <style>
        :root { --paper: #fff; --ink: #1c1e21; --faint: #667; --line: #dde; --other: #f0f2f5; --own: #d9eafd; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #16181c; --ink: #e6e8eb; --faint: #99a; --line: #333842; --other: #24272d; --own: #1d3b5c; }
        }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
        main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
        section + section { margin-top: 3rem; border-top: 1px solid var(--line); }
        h1 { font-size: 1.5rem; margin: 1rem 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: .85rem; font-weight: 600; color: var(--faint); text-align: center; margin: 1.75rem 0 .75rem; }
        .people, .note, footer { color: var(--faint); font-size: .9rem; }
        .people { margin: 0 0 1rem; overflow-wrap: anywhere; }
        .note { text-align: center; font-style: italic; }
        .message { max-width: 85%; width: fit-content; margin: .5rem 0; padding: .5rem .8rem; border-radius: .9rem; background: var(--other); }
        .own { margin-left: auto; background: var(--own); }
        .message header { font-size: .8rem; color: var(--faint); }
        .message header b { color: var(--ink); }
        .message div { white-space: pre-wrap; overflow-wrap: anywhere; }
        .gone div { font-style: italic; color: var(--faint); }
        .event { max-width: 100%; margin: .5rem auto; background: none; text-align: center; font-size: .9rem; color: var(--faint); }
        .mark { border: 1px solid var(--line); border-radius: .6rem; padding: 0 .4rem; }
        footer { margin-top: 3rem; text-align: center; }
        @media print { .message { break-inside: avoid; border: 1px solid var(--line); } }
        </style>
        </head>
        <body>
        <main>

        """
    }
}
