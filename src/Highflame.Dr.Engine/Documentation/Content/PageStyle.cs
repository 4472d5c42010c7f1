namespace Highflame.Dr.Engine.Documentation.Content;

/// <summary>The page's style: light and dark by the reader's system, narrow screens, and paper.</summary>
internal static class PageStyle
{
    public const string Text = """
        :root{--back:#fff;--ink:#1b1f24;--soft:#57606a;--line:#c9d1d9;--panel:#f6f8fa;--accent:#0a5bb5;--good:#116329;--goodback:#dcf5e3;--warn:#7d4e00;--warnback:#fff4d6;--stop:#a40e26;--stopback:#ffe9ec;--code:#f0f3f6}
        @media (prefers-color-scheme:dark){:root{--back:#0d1117;--ink:#e6edf3;--soft:#9da7b3;--line:#3d444d;--panel:#161b22;--accent:#6cb0ff;--good:#6fdd8b;--goodback:#10301c;--warn:#f0c561;--warnback:#332701;--stop:#ff9aa2;--stopback:#3c1218;--code:#1c2229}}
        *{box-sizing:border-box}
        html{scroll-behavior:smooth}
        body{margin:0;background:var(--back);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif}
        main{max-width:68rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
        h1{font-size:1.9rem;line-height:1.2;margin:.5rem 0 1rem}
        h2{font-size:1.4rem;line-height:1.25;margin:2.75rem 0 .75rem;padding-bottom:.3rem;border-bottom:2px solid var(--line)}
        h3{font-size:1.08rem;line-height:1.35;margin:1.75rem 0 .5rem}
        p,ul{margin:.6rem 0}
        a{color:var(--accent)}
        code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;background:var(--code);padding:.08em .3em;border-radius:.25rem;overflow-wrap:anywhere}
        nav{border:1px solid var(--line);border-radius:.5rem;background:var(--panel);padding:.5rem 1rem;margin:1rem 0}
        nav ol{margin:.25rem 0;padding-left:1.6rem;columns:2 18rem;column-gap:2rem}
        nav li{break-inside:avoid;padding:.1rem 0}
        .wide{overflow-x:auto;margin:1rem 0}
        table{border-collapse:collapse;width:100%;font-size:.93rem}
        caption{text-align:left;font-weight:600;padding:.2rem 0 .4rem}
        th,td{border:1px solid var(--line);padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:break-word}
        td{min-width:6rem}
        thead th{background:var(--panel)}
        tbody th{font-weight:600;min-width:8rem}
        .columns4{table-layout:fixed;min-width:38rem}
        .columns4 th,.columns4 td{overflow-wrap:anywhere}
        .columns4 th:nth-child(1){width:8.2rem;overflow-wrap:normal}
        .columns4 th:nth-child(2){width:22%}
        figure{margin:1rem 0;overflow-x:auto}
        figure svg{display:block;width:100%;min-width:44rem;height:auto}
        .note,.stop{border-left:.3rem solid var(--warn);background:var(--warnback);padding:.5rem .8rem;border-radius:.25rem}
        .stop{border-color:var(--stop);background:var(--stopback)}
        .stop strong:first-child{color:var(--stop);letter-spacing:.04em}
        .step{border:1px solid var(--line);border-radius:.5rem;padding:.2rem 1rem .6rem;margin:1rem 0}
        .step h3{margin:.6rem 0}
        .step label,.boxes label{display:inline-flex;gap:.5rem;align-items:baseline;cursor:pointer}
        .step .number{color:var(--accent);white-space:nowrap}
        .noreturn{border:2px solid var(--stop)}
        .flag{display:inline-block;margin-left:.5rem;padding:0 .5rem;border:1px solid var(--stop);border-radius:1rem;color:var(--stop);font-size:.8rem;white-space:nowrap}
        input[type=checkbox]{width:1.1rem;height:1.1rem;flex:none;transform:translateY(.15rem);accent-color:var(--accent)}
        .boxes{list-style:none;padding-left:.2rem}
        .command{margin:.7rem 0}
        .way{margin:0;font-size:.85rem;color:var(--soft);font-weight:600}
        pre{margin:.15rem 0 0;background:var(--code);border:1px solid var(--line);border-radius:.35rem;padding:.55rem .7rem;white-space:pre-wrap;overflow-wrap:anywhere}
        pre code{background:none;padding:0;font-size:.86rem;line-height:1.45}
        .sql pre{border-left:.3rem solid var(--accent)}
        .expect{margin:.4rem 0;padding-left:.8rem;border-left:.3rem solid var(--good)}
        .expect strong{color:var(--good)}
        .pen{list-style:none;padding:0}
        .pen li{display:flex;gap:.6rem;align-items:flex-end;margin:.7rem 0}
        .pen .line{flex:1;border-bottom:1px solid var(--soft);min-width:8rem;height:1.2rem}
        @media (max-width:40rem){main{padding:1rem .75rem 3rem}h1{font-size:1.5rem}.step{padding:.1rem .6rem .4rem}}
        @page{size:A4;margin:13mm 13mm 15mm}
        @media print{
        :root{--back:#fff;--ink:#000;--soft:#333;--line:#999;--panel:#f2f2f2;--accent:#000;--good:#000;--goodback:#eee;--warn:#000;--warnback:#fff;--stop:#000;--stopback:#fff;--code:#fff}
        body{font-size:9.5pt;line-height:1.35}
        h1{font-size:18pt}h2{font-size:14pt;margin:1.2rem 0 .5rem}h3{font-size:11pt;margin:.8rem 0 .3rem}p,ul{margin:.35rem 0}
        main{max-width:none;padding:0}
        a{color:inherit;text-decoration:none}
        h1,h2,h3,caption{break-after:avoid}
        .page{break-before:page}
        .step,.wide,tr,.note,.stop,.command{break-inside:avoid}
        .wide{margin:.5rem 0}th,td,tbody th{padding:.2rem .45rem;min-width:0}td code{overflow-wrap:anywhere}table{font-size:9pt}.columns4{min-width:0}.columns4 th:nth-child(1){width:6.2rem;overflow-wrap:normal}.wide:has(.columns4){break-inside:auto}
        .wide,figure{overflow:visible}
        figure svg{min-width:0}
        .stop{border:2px solid #000;border-left-width:.5rem}
        .step{padding:0 .6rem .2rem;margin:.45rem 0}.step h3{margin:.35rem 0}.command{margin:.35rem 0}.expect{margin:.25rem 0}.note,.stop{padding:.25rem .6rem}
        pre{padding:.3rem .5rem}pre code{font-size:8pt;line-height:1.3}
        thead{display:table-header-group}
        }
        """;
}
