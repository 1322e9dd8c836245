extension InspectPage {
    /// Calm by day and by night, from a telephone's width up.
    static let style =
        #"""
        :root {
          --back: #f4f6f8; --card: #ffffff; --sunk: #eef1f4; --ink: #1b2630; --soft: #586673; --line: #dfe4e9;
          --sea: #0b6e6d; --sea-back: #dff1ef; --band: #17817e; --own: #e3f1ef; --other: #ffffff;
          --amber: #8a5a00; --amber-back: #fdf0d5; --amber-line: #d9a441; --red: #a8261c; --red-back: #fce8e6;
          --violet: #5b43a9; --violet-back: #ece8fa; --green: #1c7a45; --shadow: 0 1px 2px rgb(20 40 60 / .07);
          --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --back: #11171c; --card: #192128; --sunk: #141b21; --ink: #e3e9ee; --soft: #98a6b3; --line: #2a343d;
            --sea: #5cc9bf; --sea-back: #14383a; --band: #2c8682; --own: #16343a; --other: #1f2830;
            --amber: #ecc06a; --amber-back: #3a2e14; --amber-line: #a87d2c; --red: #f49a90; --red-back: #43201d;
            --violet: #bcabf5; --violet-back: #2c2549; --green: #74cf98; --shadow: none;
          }
        }
        * { box-sizing: border-box; }
        html { height: 100%; }
        body {
          margin: 0; height: 100%; display: flex; flex-direction: column; background: var(--back); color: var(--ink);
          font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
        }
        button, input, select { font: inherit; color: inherit; }
        button { background: none; border: 0; padding: 0; text-align: inherit; cursor: pointer; }
        :focus-visible { outline: 2px solid var(--sea); outline-offset: 2px; border-radius: 6px; }
        h2 { font-size: 1.05rem; margin: 0; } h3 { font-size: .92rem; margin: 1.1rem 0 .4rem; }
        h2 small, h3 small { color: var(--soft); font-weight: 400; }
        code { font-family: var(--mono); font-size: .86em; }
        small, time, .facts { color: var(--soft); font-size: .8rem; }
        ol { list-style: none; margin: 0; padding: 0; }
        p { margin: .3rem 0; }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        .line { display: flex; justify-content: space-between; gap: .6rem; align-items: baseline; }
        .empty { color: var(--soft); padding: .5rem 0; }
        .empty.large { text-align: center; margin: 18vh auto 0; max-width: 22rem; }

        header {
          display: flex; gap: .9rem; align-items: center; padding: .6rem 1rem; background: var(--card);
          border-bottom: 1px solid var(--line);
        }
        .brand { display: flex; gap: .55rem; align-items: center; } .brand strong { font-size: 1.1rem; }
        select, input {
          background: var(--sunk); border: 1px solid var(--line); border-radius: 8px; padding: .38rem .6rem; max-width: 100%;
        }
        input::placeholder { color: var(--soft); opacity: 1; }
        #account { max-width: 15rem; }
        #find { flex: 1; max-width: 30rem; } #find input { width: 100%; }
        .live { margin-left: auto; font-size: .82rem; color: var(--soft); white-space: nowrap; }
        .live::before {
          content: ""; display: inline-block; width: .55rem; height: .55rem; border-radius: 50%; margin-right: .4rem;
          background: var(--soft);
        }
        .live.on::before { background: var(--green); }
        .live.off { color: var(--red); }
        .live.off::before { background: var(--red); }
        .notice {
          background: var(--amber-back); color: var(--amber); padding: .45rem 1rem; border-bottom: 1px solid var(--line);
        }
        nav { display: none; }
        main { flex: 1; min-height: 0; display: grid; grid-template-columns: 19rem minmax(0, 1fr) 24rem; }
        main > * { min-height: 0; overflow: auto; }
        #list { border-right: 1px solid var(--line); padding: .9rem .6rem; background: var(--card); }
        #list h2 { padding: 0 .5rem .5rem; }
        aside { border-left: 1px solid var(--line); padding: 1rem; background: var(--card); }
        footer {
          display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; padding: .4rem 1rem; border-top: 1px solid var(--line);
          background: var(--card); color: var(--soft); font-size: .78rem;
        }
        footer span { overflow-wrap: anywhere; }

        .row { display: block; width: 100%; padding: .55rem .6rem; border-radius: 10px; margin-bottom: 2px; }
        .row:hover { background: var(--sunk); } .row[aria-current] { background: var(--sea-back); }
        .row strong, .row .last { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
        .row .last { color: var(--soft); font-size: .87rem; flex: 1; } .row time { white-space: nowrap; }
        .row .foot { margin-top: .15rem; } .row .foot small { white-space: nowrap; }
        .unread {
          background: var(--sea); color: var(--card); border-radius: 99px; font-size: .74rem; font-weight: 600; padding: 0 .5rem;
        }
        .chip {
          display: inline-block; border-radius: 99px; padding: 0 .5rem;
          margin-right: .3rem; font-size: .74rem; line-height: 1.45rem;
          background: var(--sunk); color: var(--soft);
        }
        .chip.red { background: var(--red-back); color: var(--red); }
        .chip.amber { background: var(--amber-back); color: var(--amber); }
        .line > span > .chip:last-child { margin-right: 0; }
        .chip.violet { background: var(--violet-back); color: var(--violet); }

        #talk { display: flex; flex-direction: column; overflow: hidden; }
        .top { padding: .9rem 1.2rem .7rem; border-bottom: 1px solid var(--line); background: var(--card); }
        .people { color: var(--soft); font-size: .87rem; margin: .1rem 0 0; }
        .band { margin: .7rem 0 .2rem; }
        .ends, .keys { display: flex; justify-content: space-between; gap: 1rem; color: var(--soft); font-size: .78rem; }
        .keys { justify-content: flex-start; margin-top: .3rem; }
        .bar { display: flex; gap: 2px; height: 16px; margin-top: .25rem; }
        .piece { flex: 1 1 0; min-width: 12px; border-radius: 3px; display: block; }
        .piece:first-child { border-radius: 8px 3px 3px 8px; } .piece:last-child { border-radius: 3px 8px 8px 3px; }
        .piece.proved, .key.proved::before { background: var(--band); }
        .piece.gap, .piece.unread, .key.gap::before {
          border: 1px solid var(--amber-line);
          background: repeating-linear-gradient(135deg, var(--amber-back) 0 5px, var(--amber-line) 5px 7px);
        }
        .piece.gap:hover { filter: brightness(1.08); } .piece.beginning { border-left-style: dashed; }
        .piece.end { border-right-style: dashed; }
        .piece.local, .piece.tail, .key.local::before, .key.tail::before {
          border: 1px dashed var(--violet);
          background: var(--violet-back);
        }
        .piece.tail { flex: 0 0 28px; }
        .key::before {
          content: ""; display: inline-block; width: .8rem;
          height: .6rem; border-radius: 2px; margin-right: .35rem;
        }

        .messages { flex: 1; overflow: auto; padding: .8rem 1.2rem 1.6rem; }
        .rule { text-align: center; margin: .8rem 0 .5rem; color: var(--soft); font-size: .8rem; }
        .rule.gap span {
          display: block; padding: .4rem; color: var(--amber);
          background: var(--amber-back); border: 1px dashed var(--amber-line);
          border-radius: 8px;
        }
        .more { text-align: center; margin: .4rem 0; }
        .more button { color: var(--sea); text-decoration: underline; padding: .3rem; }
        .event { text-align: center; margin: .3rem 0; }
        .event button { color: var(--soft); font-size: .84rem; padding: .1rem .5rem; }
        .bubble { display: flex; margin: .35rem 0; } .bubble.own { justify-content: flex-end; }
        .bubble > button {
          max-width: min(34rem, 86%); background: var(--other); border: 1px solid var(--line); border-radius: 4px 14px 14px 14px;
          padding: .4rem .75rem .45rem; box-shadow: var(--shadow);
        }
        .bubble.own > button { background: var(--own); border-radius: 14px 4px 14px 14px; }
        .bubble.unsent > button { border: 1.5px dashed var(--violet); background: var(--card); }
        .bubble.doubt > button { border-color: var(--amber-line); } .bubble.stuck > button { border: 1.5px solid var(--red); }
        .bubble.gone .said { color: var(--soft); font-style: italic; }
        .bubble > button[aria-current], .event button[aria-current] { outline: 2px solid var(--sea); outline-offset: 1px; }
        .who { display: block; font-size: .82rem; color: var(--soft); } .who b { color: var(--ink); }
        .said { display: block; white-space: pre-wrap; overflow-wrap: anywhere; }
        .file, .answers { display: block; font-size: .86rem; color: var(--soft); overflow-wrap: anywhere; }
        .file::before { content: "\25A4\00a0"; }
        .answers { border-left: 3px solid var(--line); padding-left: .5rem; margin: .15rem 0; }
        .chips:empty { display: none; } .chips { display: block; margin-top: .2rem; }
        """# + styleOfOne

    private static let styleOfOne = #"""

        #message { margin-bottom: 1.6rem; padding-bottom: 1.4rem; border-bottom: 1px solid var(--line); }
        .title { display: flex; justify-content: space-between; align-items: center; }
        .close { font-size: 1.5rem; line-height: 1; padding: .1rem .5rem; color: var(--soft); }
        .where { padding: .6rem .75rem; border-radius: 10px; background: var(--sea-back); font-weight: 550; margin: .6rem 0; }
        .where.moving { background: var(--violet-back); } .where.asking { background: var(--red-back); }
        .where .countdown { font-weight: 400; color: var(--soft); }
        blockquote {
          margin: .6rem 0; padding: .1rem 0 .1rem .8rem; border-left: 3px solid var(--line); max-height: 14rem; overflow: auto;
        }
        .lane h3 { display: flex; gap: .4rem; align-items: baseline; overflow-wrap: anywhere; }
        .intent {
          border: 1px solid var(--line); border-radius: 10px; padding: .5rem .7rem;
          margin-bottom: .5rem; background: var(--back);
        }
        .intent.needs { border-color: var(--red); }
        .intent .head { display: block; width: 100%; } .intent .head b { font-weight: 600; }
        .quote { color: var(--soft); overflow-wrap: anywhere; } .words { font-style: italic; overflow-wrap: anywhere; }
        .command { display: flex; flex-wrap: wrap; gap: .2rem .6rem; align-items: center; margin: .3rem 0; }
        .command code {
          background: var(--sunk); border: 1px solid var(--line); border-radius: 6px;
          padding: .15rem .45rem; overflow-wrap: anywhere;
          min-width: 0;
        }
        .copy {
          font-size: .76rem; color: var(--sea); border: 1px solid var(--line); border-radius: 6px; padding: .05rem .5rem;
          margin-left: auto;
        }
        .copy:hover { background: var(--sea-back); }
        .journal { position: relative; padding-left: 1.2rem; }
        .journal::before {
          content: ""; position: absolute; left: .3rem; top: .5rem;
          bottom: .6rem; width: 2px; background: var(--line);
        }
        .journal li { position: relative; padding: .1rem 0 .45rem; }
        .journal li::before {
          content: ""; position: absolute; left: -1.22rem; bottom: auto; width: .7rem; height: .7rem; border-radius: 50%;
          background: var(--soft); border: 2px solid var(--card); top: .35rem;
        }
        .journal li:has(.date)::before { top: 1.6rem; }
        .journal .green::before { background: var(--green); } .journal .amber::before { background: var(--amber-line); }
        .journal .red::before { background: var(--red); }
        .journal .date { display: block; color: var(--soft); font-size: .78rem; }
        .journal .line { flex-wrap: wrap; gap: 0 .6rem; }
        .journal b { font-weight: 600; font-size: .92rem; } .journal time { font-family: var(--mono); font-size: .75rem; }
        .journal .facts { display: block; overflow-wrap: anywhere; }
        dl {
          display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem .8rem;
          font-size: .86rem; margin: 0 0 .7rem;
        }
        dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }

        @media (max-width: 1180px) { main { grid-template-columns: 16rem minmax(0, 1fr) 20rem; } }
        @media (max-width: 900px) {
          header { flex-wrap: wrap; gap: .5rem .7rem; padding: .5rem .8rem; }
          .account { flex: 1 1 0; min-width: 0; } #account { width: 100%; max-width: 15rem; }
          #find { order: 3; flex: 1 0 100%; max-width: none; }
          nav { display: flex; background: var(--card); border-bottom: 1px solid var(--line); }
          nav button {
            flex: 1; text-align: center; padding: .5rem .2rem;
            color: var(--soft); border-bottom: 2px solid transparent;
          }
          nav button[aria-current="true"] { color: var(--sea); border-color: var(--sea); }
          main { display: block; overflow: hidden; }
          main > * { height: 100%; border: 0; }
          #list, #talk, aside { display: none; }
          [data-view="list"] #list { display: block; } [data-view="talk"] #talk { display: flex; }
          [data-view="outbox"] aside, [data-view="message"] aside { display: block; }
          [data-view="outbox"] #message, [data-view="message"] #outbox { display: none; }
          #message { border: 0; margin: 0; padding: 0; }
          .top { padding: .7rem .8rem; } .messages { padding: .6rem .8rem 1.2rem; } .bubble > button { max-width: 92%; }
          footer { flex-wrap: nowrap; overflow-x: auto; } footer span { white-space: nowrap; }
        }
        """#
}
