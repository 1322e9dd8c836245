/// The page that `inspect` serves. Its script is in two files, its style in one; all of it is written here and nothing is
/// loaded from elsewhere.
enum InspectPage {
    static let html = #"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Tidemark</title>
        <link rel="icon" href="icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="page.css">
        <script src="parts.js" defer></script>
        <script src="page.js" defer></script>
        </head>
        <body data-view="list">
        <header>
          <div class="brand"><img src="icon.svg" alt="" width="26" height="26"><strong>tidemark</strong></div>
          <label class="account"><span class="hidden">Account</span><select id="account"></select></label>
          <form id="find" role="search">
            <label class="hidden" for="find-id">Find by id or token</label>
            <input id="find-id" placeholder="Where is… m12, a remote id, a token" autocomplete="off" spellcheck="false">
          </form>
          <div id="live" class="live" role="status">connecting</div>
        </header>
        <div id="notices" role="status"></div>
        <nav aria-label="Parts of the page">
          <button type="button" data-go="list">Conversations</button>
          <button type="button" data-go="talk">Messages</button>
          <button type="button" data-go="outbox">Unsent <span id="unsent-count"></span></button>
        </nav>
        <main>
          <section id="list" aria-label="Conversations"></section>
          <section id="talk" aria-label="Messages"></section>
          <aside>
            <section id="message" aria-label="One message" hidden></section>
            <section id="outbox" aria-label="Unsent"></section>
          </aside>
        </main>
        <footer id="about"></footer>
        <noscript>This page needs its script, which was not allowed to run.</noscript>
        </body>
        </html>
        """#

    static let icon = #"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
        <rect width="32" height="32" rx="8" fill="#0e7c7b"/>
        <path d="M4 13c4-5 8-5 12 0s8 5 12 0" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>
        <path d="M4 19c4-5 8-5 12 0s8 5 12 0" fill="none" stroke="#a9e5df" stroke-width="2.2" stroke-linecap="round"/>
        <path d="M6 25.5h20" stroke="#ffd58a" stroke-width="2.2" stroke-linecap="round"/>
        </svg>
        """#
}
