/// The style sheet of reports: one column, light and dark, and fit for paper.
enum ReportStyle {
    static let sheet = colors + page + tables + charts + pictures + print

    /// The eight colours of Okabe and Ito, which colour-blind readers can tell apart; lighter on a dark ground.
    private static let colors = """
        :root { --ground: #fdfdfc; --card: #ffffff; --ink: #1c2126; --soft: #5b6670; --line: #dfe3e6; --fine: #eef0f2;
          --right: #1a7f4b; --wrong: #c23616; --warn: #fff6dd; --warn-line: #e3b341;
          --s1: #0072b2; --s2: #d55e00; --s3: #009e73; --s4: #a3467f; --s5: #9a7400; --s6: #3a8fc4; --s7: #555b61;
          --s8: #8a5a2b; }
        @media (prefers-color-scheme: dark) { :root { --ground: #14181c; --card: #1b2026; --ink: #e6e9ec;
          --soft: #9ba6b0; --line: #343c44; --fine: #262d34; --right: #3fbf7f; --wrong: #ff7b5c; --warn: #2e2814;
          --warn-line: #8a6d1f; --s1: #56b4e9; --s2: #f2935a; --s3: #2fd0a0; --s4: #e08fc0; --s5: #e6b93c;
          --s6: #8fd0ff; --s7: #aab4bd; --s8: #cfa06f; } }

        """

    private static let page = """
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.55;
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
        main.broad { max-width: 84rem; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
        h2 { font-size: 1.25rem; margin: 3rem 0 0.75rem; padding-bottom: 0.35rem; border-bottom: 1px solid var(--line); }
        h3 { font-size: 1rem; margin: 1.75rem 0 0.5rem; }
        p { margin: 0.5rem 0; max-width: 46rem; }
        .subtitle, .hint, figcaption, footer { color: var(--soft); }
        .subtitle { font-size: 1.05rem; margin: 0.35rem 0 1.5rem; }
        .warning { background: var(--warn); border-left: 4px solid var(--warn-line); padding: 0.6rem 0.9rem;
          border-radius: 0 6px 6px 0; max-width: none; }
        footer { margin-top: 3.5rem; padding-top: 0.75rem; border-top: 1px solid var(--line); font-size: 0.85rem; }
        dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 0.6rem 1.5rem;
          margin: 1rem 0; }
        dl.facts dt { color: var(--soft); font-size: 0.8rem; }
        dl.facts dd { margin: 0; overflow-wrap: anywhere; }

        """

    private static let tables = """
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0.9rem; margin: 1.5rem 0; }
        .tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 0.85rem 1rem; }
        .tile b { display: block; font-size: 1.8rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.02em;
          font-variant-numeric: tabular-nums; }
        .tile span { display: block; font-size: 0.85rem; }
        .tile small { display: block; color: var(--soft); font-size: 0.8rem; font-variant-numeric: tabular-nums; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: 0.93rem; }
        th { text-align: left; font-weight: 600; color: var(--soft); font-size: 0.8rem; }
        th, td { padding: 0.45rem 0.9rem 0.45rem 0; border-bottom: 1px solid var(--fine); vertical-align: middle; }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        td.meaning { color: var(--soft); min-width: 14rem; }
        td.name { white-space: nowrap; }
        svg.span { display: block; width: 130px; height: 14px; }

        """

    private static let charts = """
        .pair { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 1rem 1.5rem; }
        figure { margin: 0.5rem 0; min-width: 0; }
        figcaption { font-size: 0.87rem; margin-top: 0.25rem; max-width: 46rem; }
        .single { max-width: 48rem; }
        svg.chart { display: block; width: 100%; height: auto; }
        svg text { fill: var(--ink); font-size: 12.5px; }
        svg .tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
        svg .note { font-size: 12px; }
        svg .grid { stroke: var(--line); stroke-width: 0.8; }
        svg .fine { stroke: var(--fine); }
        svg .axis { stroke: var(--soft); stroke-width: 1; }
        svg .guide { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 4; }
        svg .threshold { stroke: var(--ink); stroke-width: 1.4; stroke-dasharray: 6 3; }
        svg .stroke { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
        svg .faint { stroke-width: 1.1; opacity: 0.45; }
        svg .track { stroke: var(--line); stroke-width: 2; }
        svg .band { stroke-width: 5; opacity: 0.45; }
        svg .whisker { stroke-width: 1.4; }
        svg .fill { fill: currentColor; stroke: var(--ground); stroke-width: 1.2; }
        svg .area { fill: currentColor; fill-opacity: 0.28; stroke: currentColor; stroke-width: 1.4; }
        .s1 { color: var(--s1); } .s2 { color: var(--s2); } .s3 { color: var(--s3); } .s4 { color: var(--s4); }
        .s5 { color: var(--s5); } .s6 { color: var(--s6); } .s7 { color: var(--s7); } .s8 { color: var(--s8); }

        """

    private static let pictures = """
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.9rem; margin: 0.75rem 0; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 0.75rem; min-width: 0;
          font-size: 0.8rem; }
        .card .sides { display: flex; gap: 0.5rem; justify-content: center; }
        .card .score { display: flex; justify-content: space-between; margin: 0.5rem 0 0.15rem; font-size: 0.9rem; gap: 0.5rem; }
        .card .score b { font-variant-numeric: tabular-nums; }
        .card .score span { color: var(--soft); }
        .path { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.72rem;
          line-height: 1.4; color: var(--soft); overflow-wrap: anywhere; }
        .frame { width: 100px; height: 100px; flex: none; display: flex; align-items: center; justify-content: center;
          border-radius: 6px; overflow: hidden; background: var(--fine); border: 2px solid transparent; }
        .frame img { width: 100%; height: 100%; object-fit: contain; display: block; }
        .missing { font-size: 0.62rem; line-height: 1.25; color: var(--wrong); padding: 0.25rem; overflow: hidden;
          overflow-wrap: anywhere; max-height: 100%; }
        .frame.right { border-color: var(--right); } .frame.wrong { border-color: var(--wrong); }
        .query { display: flex; gap: 1rem; padding: 0.9rem 0; border-bottom: 1px solid var(--fine); align-items: flex-start; }
        .query .asked { flex: none; padding-right: 1rem; border-right: 1px solid var(--line); }
        .query .found { display: flex; flex-wrap: wrap; gap: 0.6rem; min-width: 0; }
        .hit { width: 100px; font-size: 0.8rem; }
        .hit .frame { border-width: 3px; }
        .hit b { font-variant-numeric: tabular-nums; }
        .yes { color: var(--right); } .no { color: var(--wrong); }

        """

    private static let print = """
        @media print { body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
          h2 { break-after: avoid; } figure, .card, .query, .tile, tr { break-inside: avoid; }
          * { print-color-adjust: exact; } }
        """
}
