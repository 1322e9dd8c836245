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
        :root {
          --paper: #fff; --ink: #1c1e21; --faint: #5c6370; --line: #d5d9e0; --other: #f0f2f5; --own: #d9eafd; --shade: #0000000d;
          --c1: #a3341a; --c2: #14689c; --c3: #5b3fa8; --c4: #22703a; --c5: #8a5a00; --c6: #96286e;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #16181c; --ink: #e6e8eb; --faint: #a0a7b3; --line: #3a404b; --other: #24272d; --own: #1d3b5c; --shade: #ffffff12;
            --c1: #f0937c; --c2: #79bdea; --c3: #b6a3f2; --c4: #85cf9a; --c5: #e2b661; --c6: #ec93c8;
          }
        }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
        main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
        section + section { margin-top: 3rem; border-top: 1px solid var(--line); }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 1rem 0 .25rem; overflow-wrap: anywhere; }
        h2 { font-size: .85rem; font-weight: 600; color: var(--faint); text-align: center; margin: 1.75rem 0 .75rem; }
        .people, .note, footer { color: var(--faint); font-size: .9rem; }
        .people { margin: 0 0 1rem; overflow-wrap: anywhere; }
        .note { text-align: center; font-style: italic; }
        .message {
          box-sizing: border-box; max-width: min(85%, 34rem); width: fit-content; margin: .75rem 0 0; padding: .45rem .8rem;
          border-radius: .9rem; background: var(--other);
        }
        .more { margin-top: .2rem; }
        .own { margin-left: auto; background: var(--own); }
        .message:target { outline: 2px solid var(--c2); }
        .message header { font-size: .85rem; font-weight: 600; overflow-wrap: anywhere; }
        .c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
        .c4 { color: var(--c4); } .c5 { color: var(--c5); } .c6 { color: var(--c6); }
        .message div { white-space: pre-wrap; overflow-wrap: anywhere; }
        .gone div { font-style: italic; color: var(--faint); }
        .meta { margin: .1rem 0 0; font-size: .75rem; color: var(--faint); text-align: end; }
        .event { max-width: 100%; margin: .75rem auto 0; padding: 0; background: none; text-align: center; font-size: .9rem; color: var(--faint); }
        .event header, .event div, .event .meta { display: inline; font-size: inherit; color: inherit; }
        .quote {
          display: block; margin: .25rem 0; padding: .2rem .6rem; border-inline-start: 3px solid var(--faint); border-radius: .3rem;
          background: var(--shade); color: var(--faint); font-size: .85rem; text-decoration: none; overflow-wrap: anywhere;
        }
        .quote b { color: var(--ink); font-weight: 600; }
        .files { list-style: none; margin: .3rem 0; padding: 0; }
        .files li { margin-top: .25rem; padding: .35rem .6rem; border: 1px solid var(--line); border-radius: .5rem; overflow-wrap: anywhere; }
        .files b { font-weight: 600; }
        .files span { color: var(--faint); font-size: .85rem; white-space: nowrap; }
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
