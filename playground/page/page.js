"use strict";
// The page of the playground. It draws what /control/ says and does what a person could do in
// Slack. Text from people and bots only ever becomes text nodes.

/* ---------- small things ---------- */

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (on…), and children; null children are left out. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children.flat(Infinity).filter((c) => c || c === 0));
  return node;
}

function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "value" || name === "checked") node[name] = value;
  else node.setAttribute(name, value === true ? "" : value);
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

async function call(method, path, body) {
  const options = { method, headers: { "Content-Type": "application/json" } };
  if (body) options.body = JSON.stringify(body);
  const reply = await fetch(`control/${path}`, options);
  const said = await reply.json();
  if (!reply.ok) throw new Error(typeof said.detail === "string" ? said.detail : "That did not work.");
  return said;
}

const get = (path, query = {}) => call("GET", `${path}?${new URLSearchParams(query)}`);
const post = (path, body) => call("POST", path, { user: me.id, ...body });

function toast(text) {
  const node = el("div", { class: "toast" }, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 6000);
}

/** Runs what a person asked for; what goes wrong is said, not thrown. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message);
    return null;
  }
}

/* ---------- what the page knows ---------- */

let state = null; // people, channels, commands
let me = null; // the person at the keyboard
let place = null; // {kind: "channel" | "dm" | "home", id}
let thread = null; // ts of the thread at the right
let target = null; // ts a link led to
let modals = [];
const known = new Map(); // channel id → messages
const whispers = new Map(); // channel id → what only I see

const person = (id) => state.users.find((u) => u.id === id);
const nameOf = (id) => {
  if (id === state.bot.user_id) return state.bot.name;
  if (id === "USLACKBOT") return "Slackbot";
  const found = person(id);
  return found ? found.real_name || found.name : id;
};
const isApp = (id) => id === state.bot.user_id || id === "USLACKBOT";
const dmId = () => `D${me.id.slice(1)}`;
const myChannels = () => state.channels.filter((c) => !c.is_archived && c.members.includes(me.id));
const placeId = () => (place.kind === "dm" ? dmId() : place.id);
const isMember = () => place.kind === "dm" || state.channels.find((c) => c.id === place.id)?.members.includes(me.id);

/* ---------- Slack's text ---------- */

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", rotating_light: "🚨", eyes: "👀",
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", tada: "🎉", rocket: "🚀", money_with_wings: "💸",
  moneybag: "💰", dollar: "💵", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", alarm_clock: "⏰", calendar: "📅", spiral_calendar_pad: "🗓️",
  bell: "🔔", no_bell: "🔕", lock: "🔒", unlock: "🔓", key: "🔑", robot_face: "🤖", wave: "👋", pray: "🙏",
  fire: "🔥", star: "⭐", sparkles: "✨", bulb: "💡", memo: "📝", pencil: "📝", pencil2: "✏️", mag: "🔍", link: "🔗",
  question: "❓", exclamation: "❗", grey_exclamation: "❕", information_source: "ℹ️", no_entry: "⛔",
  no_entry_sign: "🚫", octagonal_sign: "🛑", stop_sign: "🛑", red_circle: "🔴", large_orange_circle: "🟠",
  orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵",
  white_circle: "⚪", black_circle: "⚫", arrow_right: "➡️", arrow_up: "⬆️", arrow_down: "⬇️", repeat: "🔁",
  recycle: "♻️", gear: "⚙️", wrench: "🔧", hammer_and_wrench: "🛠️", construction: "🚧", package: "📦",
  inbox_tray: "📥", outbox_tray: "📤", speech_balloon: "💬", thinking_face: "🤔", smile: "😄", slightly_smiling_face: "🙂",
  joy: "😂", heart: "❤️", clap: "👏", raised_hands: "🙌", muscle: "💪", ok_hand: "👌", point_right: "👉",
  test_tube: "🧪", microscope: "🔬", mortar_board: "🎓", seedling: "🌱", zzz: "💤", snail: "🐌", house: "🏠",
  handshake: "🤝", scales: "⚖️", shield: "🛡️", vertical_traffic_light: "🚦", clipboard: "📋", pushpin: "📌",
  double_vertical_bar: "⏸️", pause_button: "⏸️", arrow_forward: "▶️", play_button: "▶️", wastebasket: "🗑️", checkered_flag: "🏁",
};
const emoji = (name) => EMOJI[name] || `:${name}:`;

/** Slack escapes three characters and only these. */
const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const INLINE = [
  [/`([^`\n]+)`/, (m) => el("code", {}, unescape(m[1]))],
  [/<([^<>\n]+)>/, (m) => bracket(m[1])],
  [/(?<![\w*])\*(?![\s*])([^*\n]*[^\s*])\*(?![\w*])/, (m) => el("strong", {}, inline(m[1]))],
  [/(?<![\w_])_(?![\s_])([^_\n]*[^\s_])_(?![\w_])/, (m) => el("em", {}, inline(m[1]))],
  [/(?<![\w~])~(?![\s~])([^~\n]*[^\s~])~(?![\w~])/, (m) => el("s", {}, inline(m[1]))],
  [/:([a-z0-9_+-]+):/, (m) => emojiNode(m[1])],
];

function emojiNode(name) {
  if (!EMOJI[name]) return document.createTextNode(`:${name}:`);
  return el("span", { role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, EMOJI[name]);
}

/** Nodes of one line of mrkdwn. */
function inline(text) {
  let first = null;
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(text);
    if (match && (!first || match.index < first.match.index)) first = { match, make };
  }
  if (!first) return text ? [document.createTextNode(unescape(text))] : [];
  const { match, make } = first;
  const before = unescape(text.slice(0, match.index));
  const rest = inline(text.slice(match.index + match[0].length));
  return [...(before ? [document.createTextNode(before)] : []), make(match), ...rest];
}

/** <@U…>, <#C…|name>, <!date^…>, <!here>, <https://…|label>. */
function bracket(inside) {
  const [head, ...tail] = inside.split("|");
  const label = tail.join("|");
  if (head.startsWith("@")) return mention(`@${person(head.slice(1)) || isApp(head.slice(1)) ? nameOf(head.slice(1)) : label || head.slice(1)}`, head.slice(1) === me.id);
  if (head.startsWith("#")) return channelLink(head.slice(1), label);
  if (head.startsWith("!date^")) return dateNode(head, label);
  if (head.startsWith("!")) return mention(`@${label || head.slice(1)}`.replace("@@", "@"), true);
  return link(unescape(head), unescape(label || head));
}

const mention = (text, mine) => el("span", { class: mine ? "mention me" : "mention" }, text);

function channelLink(id, label) {
  const found = state.channels.find((c) => c.id === id);
  return el("a", { class: "mention", href: `#${id}` }, `#${found ? found.name : label || id}`);
}

function link(url, label) {
  if (!/^(https?|mailto):/i.test(url)) return document.createTextNode(label);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}

function dateNode(head, fallback) {
  const [, seconds, format, url] = head.split("^");
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime()) || !format) return document.createTextNode(unescape(fallback));
  const said = format.replace(/\{(\w+)\}/g, (whole, token) => dateToken(when, token) || whole);
  const node = el("time", { datetime: when.toISOString(), title: fallback }, unescape(said));
  return url ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, node) : node;
}

const inZone = (when, options) => new Intl.DateTimeFormat("en-US", { timeZone: me.tz, ...options }).format(when);
const dayOf = (when) => inZone(when, { year: "numeric", month: "2-digit", day: "2-digit" });

function pretty(when, otherwise) {
  const day = 86400000;
  const near = { [-1]: "yesterday", 0: "today", 1: "tomorrow" };
  for (const [offset, word] of Object.entries(near)) {
    if (dayOf(when) === dayOf(new Date(Date.now() + offset * day))) return word;
  }
  return dateToken(when, otherwise);
}

function dateToken(when, token) {
  const forms = {
    date_num: () => new Intl.DateTimeFormat("en-CA", { timeZone: me.tz }).format(when),
    date: () => inZone(when, { month: "long", day: "numeric", year: "numeric" }),
    date_short: () => inZone(when, { month: "short", day: "numeric", year: "numeric" }),
    date_long: () => inZone(when, { weekday: "long", month: "long", day: "numeric", year: "numeric" }),
    date_pretty: () => pretty(when, "date"),
    date_short_pretty: () => pretty(when, "date_short"),
    date_long_pretty: () => pretty(when, "date_long"),
    time: () => inZone(when, { hour: "numeric", minute: "2-digit" }),
    time_secs: () => inZone(when, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(when),
  };
  return forms[token] ? forms[token]() : null;
}

function ago(when) {
  const minutes = Math.round((when - Date.now()) / 60000);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (minutes === 0) return "just now";
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  if (Math.abs(minutes) < 1440) return words.format(Math.round(minutes / 60), "hour");
  return words.format(Math.round(minutes / 1440), "day");
}

/** A whole mrkdwn text: code blocks, quotes, lines. */
function mrkdwn(text) {
  const box = el("div", { class: "text" });
  text.split("```").forEach((part, number) => {
    if (number % 2) box.append(el("pre", {}, unescape(part.replace(/^\n/, ""))));
    else box.append(...lines(part));
  });
  return box;
}

const QUOTE = /^(>|&gt;) ?/;

function lines(text) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, number, all) => {
    if (QUOTE.test(line)) {
      quote = quote || nodes[nodes.push(el("blockquote", {})) - 1];
      quote.append(...inline(line.replace(QUOTE, "")), "\n");
      return;
    }
    quote = null;
    nodes.push(...inline(line));
    if (number < all.length - 1) nodes.push(document.createTextNode("\n"));
  });
  return nodes;
}

const textObject = (text) => (text.type === "mrkdwn" ? mrkdwn(text.text) : el("div", { class: "text" }, ...plainNodes(text.text)));

/** plain_text: only emoji mean something. */
function plainNodes(text) {
  return text.split(/(:[a-z0-9_+-]+:)/).map((part) => {
    const name = /^:([a-z0-9_+-]+):$/.exec(part);
    return name ? emojiNode(name[1]) : document.createTextNode(part);
  });
}

const plainText = (text) => text.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));

/* ---------- blocks ---------- */

/** `where` says how elements act: on(element, block, choice), value(element, block), prefix. */
function blocksNode(blocks, where) {
  return el("div", { class: "blocks" }, blocks.map((block) => blockNode(block, where)));
}

function blockNode(block, where) {
  const draw = BLOCKS[block.type];
  if (draw) return draw(block, where);
  return el("div", { class: "context" }, `This playground does not draw “${block.type}” blocks.`);
}

const BLOCKS = {
  section: sectionNode,
  header: (b) => el("div", { class: "header", role: "heading", "aria-level": "3" }, plainNodes(b.text.text)),
  divider: () => el("hr", { class: "divider" }),
  context: (b) => el("div", { class: "context" }, b.elements.map((e) => (e.type === "image" ? imageNode(e) : textObject(e)))),
  actions: (b, where) => el("div", { class: "actions" }, b.elements.map((e) => elementNode(e, b, where))),
  context_actions: (b, where) => el("div", { class: "actions" }, b.elements.map((e) => elementNode(e, b, where))),
  image: (b) => el("figure", { class: "picture" }, b.title && el("figcaption", {}, plainNodes(b.title.text)), imageNode(b)),
  input: fieldNode,
  markdown: (b) => mrkdwn(b.text.replace(/^#+ +(.*)$/gm, "*$1*").replace(/\*\*(.+?)\*\*/g, "*$1*").replace(/\[([^\]]+)\]\((https?:[^)]+)\)/g, "<$2|$1>")),
  rich_text: (b) => el("div", { class: "text" }, b.elements.map(richPart)),
  table: (b) => tableNode(b.rows),
  data_table: (b) => tableNode(b.rows, b.caption),
  data_visualization: chartNode,
  alert: (b) => el("div", { class: `alert ${b.level || "default"}`, role: "note" }, textObject(b.text)),
  card: cardNode,
  carousel: (b, where) => el("div", { class: "cards" }, b.elements.map((c) => cardNode(c, where))),
  container: containerNode,
};

function sectionNode(block, where) {
  const accessory = block.accessory && el("div", { class: "accessory" }, elementNode(block.accessory, block, where));
  const fields = block.fields && el("div", { class: "fields main-part" }, block.fields.map(textObject));
  const text = block.text && el("div", { class: "main-part" }, textObject(block.text));
  return el("div", { class: accessory ? "section" : "section plain-part" }, text, fields, accessory);
}

function imageNode(image) {
  const source = image.image_url || image.slack_file?.url || "";
  return el("img", { src: /^https?:/.test(source) ? source : "data:,", alt: image.alt_text, loading: "lazy" });
}

function cardNode(card, where) {
  const parts = [card.title, card.subtitle, card.body].map((t) => t && textObject(t));
  if (parts[0]) parts[0] = el("strong", {}, parts[0]);
  const actions = card.actions && el("div", { class: "actions" }, card.actions.map((e) => elementNode(e, card, where)));
  return el("div", { class: "card blocks" }, card.hero_image && imageNode(card.hero_image), parts, actions);
}

function containerNode(block, where) {
  const inside = blocksNode(block.child_blocks, where);
  const title = block.title ? plainText(block.title.text) : "Details";
  if (!block.is_collapsible) return el("div", { class: "card" }, el("strong", {}, title), inside);
  return el("details", { class: "card details", open: !block.default_collapsed }, el("summary", {}, title), inside);
}

function richPart(part) {
  if (part.type === "rich_text_list") {
    return el(part.style === "ordered" ? "ol" : "ul", { style: "padding-left:24px" }, part.elements.map((e) => el("li", {}, richPart(e))));
  }
  const tags = { rich_text_preformatted: "pre", rich_text_quote: "blockquote" };
  return el(tags[part.type] || "span", {}, part.elements.map(richPiece));
}

function richPiece(piece) {
  const plain = {
    text: () => document.createTextNode(piece.text), link: () => link(piece.url, piece.text || piece.url),
    emoji: () => emojiNode(piece.name), user: () => bracket(`@${piece.user_id}`), channel: () => bracket(`#${piece.channel_id}`),
    broadcast: () => bracket(`!${piece.range}`), date: () => dateNode(`!date^${piece.timestamp}^${piece.format}`, piece.fallback || ""),
  };
  let node = plain[piece.type] ? plain[piece.type]() : document.createTextNode("");
  for (const [style, tag] of Object.entries({ bold: "strong", italic: "em", strike: "s", code: "code" })) {
    if (piece.style?.[style]) node = el(tag, {}, node);
  }
  return node;
}

function cellNode(cell, tag) {
  if (cell.type === "rich_text") return el(tag, {}, cell.elements.map(richPart));
  const number = cell.type === "raw_number";
  return el(tag, { class: number && "num" }, number ? cell.text || String(cell.value) : cell.text);
}

function tableNode(rows, caption) {
  const [head, ...rest] = rows;
  return el("div", { class: "table", tabindex: "0", role: "region", "aria-label": caption || "Table" }, el("table", {},
    caption && el("caption", {}, caption),
    el("thead", {}, el("tr", {}, head.map((c) => cellNode(c, "th")))),
    el("tbody", {}, rest.map((row) => el("tr", {}, row.map((c) => cellNode(c, "td")))))));
}

/* ---------- charts ---------- */

const COLOURS = ["#1264a3", "#2c9c75", "#d98c00", "#8a4fbe", "#c01343", "#5b6b7a"];

function chartNode(block) {
  const { chart } = block;
  const draw = chart.type === "pie" ? pieNode : axesNode;
  return el("figure", { class: "chart" }, el("figcaption", {}, block.title), draw(chart), legend(chart));
}

function legend(chart) {
  const names = chart.type === "pie" ? chart.segments.map((s) => `${s.label} ${s.value}`) : chart.series.map((s) => s.name);
  return el("div", { class: "legend" }, names.map((name, i) => el("span", {}, el("i", { style: `background:${COLOURS[i % 6]}` }), name)));
}

function pieNode(chart) {
  const total = chart.segments.reduce((sum, s) => sum + s.value, 0);
  let angle = -Math.PI / 2;
  const slices = chart.segments.map((segment, i) => {
    const from = angle;
    angle += (segment.value / total) * 2 * Math.PI;
    const at = (a) => `${60 + 52 * Math.cos(a)} ${60 + 52 * Math.sin(a)}`;
    const path = chart.segments.length === 1 ? "M60 8A52 52 0 1 1 59.9 8Z" : `M60 60L${at(from)}A52 52 0 ${angle - from > Math.PI ? 1 : 0} 1 ${at(angle)}Z`;
    return svg("path", { d: path, fill: COLOURS[i % 6] });
  });
  return svg("svg", { viewBox: "0 0 300 120", role: "img", "aria-label": chart.segments.map((s) => `${s.label}: ${s.value}`).join(", ") }, ...slices);
}

function axesNode(chart) {
  const { categories } = chart.axis_config;
  const values = chart.series.flatMap((s) => s.data.map((d) => d.value));
  const top = Math.max(...values, 0) || 1;
  const low = Math.min(...values, 0);
  const x = (i) => 46 + (i + 0.5) * (424 / categories.length);
  const y = (value) => 150 - ((value - low) / (top - low)) * 136;
  const said = chart.series.map((s) => `${s.name}: ${s.data.map((d) => `${d.label} ${d.value}`).join(", ")}`).join("; ");
  const node = svg("svg", { viewBox: "0 0 480 178", role: "img", "aria-label": said });
  for (const value of [low, (top + low) / 2, top]) node.append(grid(value, y(value)));
  categories.forEach((label, i) => node.append(chartText(x(i), 168, label, "middle")));
  chart.series.forEach((series, number) => node.append(...seriesNodes(chart, series, number, x, y)));
  return node;
}

const grid = (value, at) => svg("g", {}, svg("line", { x1: 46, x2: 472, y1: at, y2: at, stroke: "#e3e2e3" }), chartText(40, at + 4, Number(value.toPrecision(3)).toLocaleString("en"), "end"));
const chartText = (x, y, text, anchor) => svg("text", { x, y, "text-anchor": anchor, "font-size": 10, fill: "#616061" }, text);

function seriesNodes(chart, series, number, x, y) {
  const colour = COLOURS[number % 6];
  if (chart.type === "bar") return series.data.map((point, i) => barNode(chart, number, x(i), y, point.value, colour));
  const points = series.data.map((point, i) => `${x(i)},${y(point.value)}`);
  const line = svg("polyline", { points: points.join(" "), fill: "none", stroke: colour, "stroke-width": 2.2, "stroke-linejoin": "round" });
  if (chart.type === "line") return [line];
  const area = `${x(0)},150 ${points.join(" ")} ${x(series.data.length - 1)},150`;
  return [svg("polygon", { points: area, fill: colour, opacity: 0.25 }), line];
}

function barNode(chart, number, middle, y, value, colour) {
  const room = (424 / chart.axis_config.categories.length) * 0.7;
  const width = room / chart.series.length;
  const [upper, lower] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))];
  return svg("rect", { x: middle - room / 2 + number * width, y: upper, width: Math.max(width - 1, 1), height: Math.max(lower - upper, 1), fill: colour, rx: 2 });
}

/* ---------- elements ---------- */

function elementNode(element, block, where) {
  const draw = ELEMENTS[element.type] || (() => el("span", {}, `(${element.type})`));
  return draw(element, block, where);
}

const keyOf = (element, block) => `${block.block_id}/${element.action_id}`;
const acting = (element, block) => ({ "data-key": keyOf(element, block), "data-block": block.block_id });

const ELEMENTS = {
  button: buttonNode,
  overflow: overflowNode,
  image: imageNode,
  plain_text_input: textNode,
  number_input: (e, b, w) => textNode(e, b, w, { inputmode: "decimal" }),
  email_text_input: (e, b, w) => textNode(e, b, w, { type: "email" }),
  url_text_input: (e, b, w) => textNode(e, b, w, { type: "url" }),
  datepicker: (e, b, w) => pickerNode(e, b, w, "date"),
  timepicker: (e, b, w) => pickerNode(e, b, w, "time"),
  static_select: (e, b, w) => selectNode(e, b, w, optionGroups(e)),
  users_select: (e, b, w) => selectNode(e, b, w, [{ options: state.users.filter((u) => !u.deleted).map((u) => choice(u.id, u.real_name || u.name)) }]),
  channels_select: (e, b, w) => selectNode(e, b, w, [{ options: state.channels.filter((c) => !c.is_private).map(channelChoice) }]),
  conversations_select: (e, b, w) => selectNode(e, b, w, [{ options: state.channels.map(channelChoice) }]),
  radio_buttons: (e, b, w) => choicesNode(e, b, w, "radio", e.options),
  checkboxes: (e, b, w) => choicesNode(e, b, w, "checkbox", e.options),
  multi_static_select: (e, b, w) => choicesNode(e, b, w, "many", optionGroups(e).flatMap((g) => g.options)),
  multi_users_select: (e, b, w) => choicesNode(e, b, w, "many", state.users.filter((u) => !u.deleted).map((u) => choice(u.id, u.real_name || u.name))),
  multi_channels_select: (e, b, w) => choicesNode(e, b, w, "many", state.channels.map(channelChoice)),
  multi_conversations_select: (e, b, w) => choicesNode(e, b, w, "many", state.channels.map(channelChoice)),
};

const choice = (value, text) => ({ value, text: { type: "plain_text", text } });
const channelChoice = (channel) => choice(channel.id, `#${channel.name}`);
const optionGroups = (element) => element.option_groups || [{ options: element.options || [] }];

function buttonNode(button, block, where) {
  const look = { class: `button ${button.style || ""}`, "aria-label": button.accessibility_label, ...acting(button, block) };
  const press = () => where.act(button, block);
  if (button.url) return el("a", { ...look, href: /^(https?|mailto):/i.test(button.url) ? button.url : "#", target: "_blank", rel: "noopener noreferrer", onclick: press }, plainNodes(button.text.text));
  return el("button", { ...look, type: "button", onclick: press }, plainNodes(button.text.text));
}

function overflowNode(element, block, where) {
  const items = element.options.map((option) => menuItem(plainText(option.text.text), () => {
    if (option.url && /^https?:/.test(option.url)) window.open(option.url, "_blank", "noopener");
    where.act(element, block, option.value);
  }));
  return menuNode("More actions", "⋯", "button", items, acting(element, block));
}

const menuItem = (text, act) => ({ text, act });

/** A button that opens a menu; arrows move, Escape closes. */
function menuNode(label, face, look, items, attributes = {}) {
  const box = el("span", { class: "overflow" });
  const close = () => { box.querySelector(".pop")?.remove(); opener.setAttribute("aria-expanded", "false"); };
  const opener = el("button", { type: "button", class: look, "aria-label": label, "aria-haspopup": "menu", "aria-expanded": "false", ...attributes, onclick: () => (box.querySelector(".pop") ? close() : open()) }, face);
  const open = () => {
    const entries = items.map((item) => el("button", { type: "button", role: "menuitem", onclick: () => { close(); opener.focus(); item.act(); } }, item.text));
    box.append(el("div", { class: "pop", role: "menu" }, entries));
    opener.setAttribute("aria-expanded", "true");
    entries[0]?.focus();
  };
  box.addEventListener("keydown", (event) => menuKeys(event, box, () => { close(); opener.focus(); }));
  box.addEventListener("focusout", (event) => { if (event.relatedTarget && !box.contains(event.relatedTarget)) close(); });
  box.append(opener);
  return box;
}

function menuKeys(event, box, close) {
  const entries = [...box.querySelectorAll("[role=menuitem]")];
  if (!entries.length) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
  if (step) { event.preventDefault(); entries[(entries.indexOf(document.activeElement) + step + entries.length) % entries.length].focus(); }
}

function described(where, block) {
  const error = where.errors?.[block.block_id];
  const ids = [error && `problem-${block.block_id}`, block.hint && `hint-${block.block_id}`].filter(Boolean).join(" ");
  return { id: where.id(block), "aria-invalid": error ? "true" : null, "aria-describedby": ids || null, "aria-required": block.type === "input" && !block.optional ? "true" : null };
}

function textNode(element, block, where, extra = {}) {
  const many = element.multiline && element.type === "plain_text_input";
  const value = where.value(element, block);
  return el(many ? "textarea" : "input", {
    class: "control", ...described(where, block), ...acting(element, block), autofocus: element.focus_on_load,
    placeholder: element.placeholder && plainText(element.placeholder.text), value: value || "", type: many ? null : "text", ...extra,
    oninput: (event) => where.set(element, block, event.target.value),
    onchange: () => where.changed(element, block),
  });
}

function pickerNode(element, block, where, type) {
  return el("input", { class: "control", type, ...labelled(element, block, where), ...acting(element, block), value: where.value(element, block) || "", onchange: (event) => { where.set(element, block, event.target.value); where.changed(element, block); } });
}

const labelled = (element, block, where) => ({ ...described(where, block), "aria-label": block.type === "input" ? null : plainText(element.placeholder?.text || block.text?.text || "Choose") });

function selectNode(element, block, where, groups) {
  const now = where.value(element, block);
  const entry = (option) => el("option", { value: option.value, selected: option.value === now }, plainText(option.text.text));
  const children = groups.map((g) => (g.label ? el("optgroup", { label: plainText(g.label.text) }, g.options.map(entry)) : g.options.map(entry)));
  const blank = el("option", { value: "" }, plainText(element.placeholder?.text || "Choose an option"));
  return el("select", { class: "control", ...labelled(element, block, where), ...acting(element, block), onchange: (event) => { where.set(element, block, event.target.value); where.changed(element, block); } }, blank, children);
}

/** Radio buttons, checkboxes, and the menus from which several can be chosen. */
function choicesNode(element, block, where, kind, options) {
  const several = kind !== "radio";
  const chosen = () => [].concat(where.value(element, block) || []);
  const pick = (event) => {
    const rest = chosen().filter((v) => v !== event.target.value);
    where.set(element, block, several ? [...rest, ...(event.target.checked ? [event.target.value] : [])] : event.target.value);
    where.changed(element, block);
  };
  const entries = options.map((option) => el("label", {},
    el("input", { type: several ? "checkbox" : "radio", name: where.id(block) + element.action_id, value: option.value, checked: chosen().includes(option.value), onchange: pick, "data-key": `${keyOf(element, block)}/${option.value}`, "data-block": block.block_id }),
    textObject(option.text), option.description && el("small", {}, textObject(option.description))));
  const name = block.label ? plainText(block.label.text) : "Options";
  return el("fieldset", { class: kind === "many" ? "options many" : "options", "aria-label": name, id: where.id(block), "aria-describedby": described(where, block)["aria-describedby"] }, entries);
}

function fieldNode(block, where) {
  const grouped = /radio|checkbox|multi/.test(block.element.type);
  const error = where.errors?.[block.block_id];
  const optional = block.optional && el("span", { class: "optional" }, " (optional)");
  const name = grouped ? el("span", { class: "label" }, plainNodes(block.label.text), optional) : el("label", { for: where.id(block) }, plainNodes(block.label.text), optional);
  return el("div", { class: "field" }, name, elementNode(block.element, block, where),
    error && el("p", { class: "problem", id: `problem-${block.block_id}` }, error),
    block.hint && el("p", { class: "hint", id: `hint-${block.block_id}` }, plainNodes(block.hint.text)));
}

/** What an element holds at first or in Slack's state: text, a value, an id, or a list. */
function held(answer) {
  if (!answer) return null;
  const { selected_option: one, selected_options: many } = answer;
  if (one !== undefined) return one && one.value;
  if (many !== undefined) return many.map((o) => o.value);
  const name = Object.keys(answer).find((k) => k === "value" || k.startsWith("selected_"));
  return name ? answer[name] : null;
}

const initial = (element) => {
  if (element.initial_option) return element.initial_option.value;
  if (element.initial_options) return element.initial_options.map((o) => o.value);
  const name = Object.keys(element).find((k) => k.startsWith("initial_"));
  return name ? element[name] : null;
};

/* ---------- asking twice ---------- */

/** A bot's own “are you sure?”, or a plain yes where it asks nothing. */
function confirmed(element) {
  const ask = element.confirm;
  if (!ask) return Promise.resolve(true);
  const dialog = $("confirm");
  return new Promise((done) => {
    const answer = (yes) => { dialog.close(); done(yes); };
    dialog.oncancel = (event) => { event.preventDefault(); answer(false); };
    dialog.replaceChildren(
      el("div", { class: "head" }, el("h2", { id: "confirm-title" }, plainNodes(ask.title.text))),
      el("div", { class: "inside" }, textObject(ask.text)),
      el("div", { class: "foot" },
        el("button", { type: "button", class: "button", onclick: () => answer(false) }, plainNodes(ask.deny.text)),
        el("button", { type: "button", class: `button ${ask.style || "primary"}`, autofocus: true, onclick: () => answer(true) }, plainNodes(ask.confirm.text))));
    dialog.showModal();
  });
}

/* ---------- messages ---------- */

/** How elements of a message act. */
function onMessage(message) {
  const chosen = new Map();
  const send = (element, block, option) => attempt(async () => {
    if (!(await confirmed(element))) return redraw();
    busy(message.ts, true);
    const body = { channel: message.channel, ts: message.ts, action_id: element.action_id, block_id: block.block_id, option };
    await post("click", body).finally(() => busy(message.ts, false));
    return null;
  });
  return {
    id: (block) => `m${message.ts}-${block.block_id}`,
    value: (element, block) => chosen.get(keyOf(element, block)) ?? initial(element),
    set: (element, block, value) => chosen.set(keyOf(element, block), value),
    changed: (element, block) => send(element, block, chosen.get(keyOf(element, block))),
    act: send,
  };
}

function busy(ts, on) {
  for (const node of document.querySelectorAll(`[data-ts="${ts}"]`)) node.setAttribute("aria-busy", on);
}

/** How elements of App Home act. */
function onHome(view) {
  const where = onMessage({ ts: view.id, channel: "" });
  const chosen = new Map();
  const send = (element, block, option) => attempt(async () => {
    if (await confirmed(element)) await post("click", { home: true, action_id: element.action_id, block_id: block.block_id, option });
  });
  return {
    ...where,
    value: (element, block) => chosen.get(keyOf(element, block)) ?? held(view.state.values[block.block_id]?.[element.action_id]) ?? initial(element),
    set: (element, block, value) => chosen.set(keyOf(element, block), value),
    changed: (element, block) => send(element, block, chosen.get(keyOf(element, block))),
    act: send,
  };
}

const HUES = ["#4a6fa5", "#2c7a63", "#a35a2c", "#7a4ea0", "#a63d5a", "#3b7d8c", "#6b6b2f"];

function avatar(id) {
  const name = nameOf(id);
  const initials = isApp(id) ? "🤖" : name.split(/\s+/).map((w) => w[0]).join("").slice(0, 2).toUpperCase();
  const hue = isApp(id) ? "#3d1440" : HUES[[...id].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 7) % HUES.length];
  return el("div", { class: "avatar", style: `background:${hue}`, "aria-hidden": "true" }, isApp(id) ? botFace() : initials);
}

function botFace() {
  return svg("svg", { viewBox: "0 0 24 24", width: "66%", height: "66%", fill: "none", stroke: "#fff", "stroke-width": 1.8, "stroke-linecap": "round" },
    svg("rect", { x: 4, y: 8, width: 16, height: 11, rx: 3 }), svg("path", { d: "M12 8V4.5M9 13v1.5M15 13v1.5" }), svg("circle", { cx: 12, cy: 3.8, r: 1 }));
}

const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;
const moment = (ts) => new Date(Number(ts) * 1000);
const clock = (ts) => inZone(moment(ts), { hour: "numeric", minute: "2-digit" });

function messageNode(message, { compact, inThread }) {
  const when = el("time", { datetime: moment(message.ts).toISOString(), title: inZone(moment(message.ts), { dateStyle: "full", timeStyle: "medium" }) }, clock(message.ts));
  const who = el("div", { class: "who" }, el("b", {}, nameOf(message.user)), isApp(message.user) && el("span", { class: "app" }, "APP"), when);
  const classes = ["message", compact && "compact", message.only_for && "ephemeral", message.ts === target && "target"].filter(Boolean).join(" ");
  return el("article", { class: classes, tabindex: "-1", "data-ts": message.ts, "aria-label": `${nameOf(message.user)}, ${clock(message.ts)}` },
    compact ? el("div", { class: "aside", "aria-hidden": "true" }, clock(message.ts)) : avatar(message.user),
    el("div", { class: "body" }, message.only_for && onlyYou(message), who, !inThread && broadcastNote(message), contentNode(message), reactionsNode(message), !inThread && repliesNode(message)),
    !message.only_for && message.subtype !== "tombstone" && toolsNode(message, inThread));
}

function contentNode(message) {
  if (message.subtype === "tombstone") return el("div", { class: "tomb" }, message.text);
  const content = message.blocks?.length ? blocksNode(message.blocks, onMessage(message)) : mrkdwn(message.text);
  if (message.edited && !message.blocks?.length) content.append(el("span", { class: "edited" }, " (edited)"));
  return content;
}

/** A reply that was sent to the channel as well leads back to its thread. */
function broadcastNote(message) {
  if (message.subtype !== "thread_broadcast") return null;
  return el("button", { type: "button", class: "linky", "data-key": "thread", onclick: () => openThread(message.thread_ts) }, "replied to a thread");
}

function onlyYou(message) {
  const dismiss = () => attempt(async () => {
    await call("DELETE", `ephemerals?${new URLSearchParams({ user: me.id, ts: message.ts })}`);
    await reload(message.channel);
  });
  return el("div", { class: "only-you" }, el("span", {}, "Only visible to you"), el("button", { type: "button", class: "linky", onclick: dismiss, "data-key": "dismiss" }, "Dismiss"));
}

function reactionsNode(message) {
  if (!message.reactions?.length) return null;
  return el("div", { class: "reactions" }, message.reactions.map((r) => el("button", {
    type: "button", class: "reaction", "aria-pressed": String(r.users.includes(me.id)), "data-key": `r-${r.name}`,
    "aria-label": `${r.name.replaceAll("_", " ")}, ${r.count}: ${r.users.map(nameOf).join(", ")}`, title: r.users.map(nameOf).join(", "),
    onclick: () => react(message, r.name),
  }, `${emoji(r.name)} ${r.count}`)));
}

const react = (message, name) => attempt(() => post("react", { channel: message.channel, ts: message.ts, name }));

function repliesNode(message) {
  if (!message.reply_count) return null;
  const word = message.reply_count === 1 ? "reply" : "replies";
  return el("button", { type: "button", class: "replies", "data-key": "replies", onclick: () => openThread(message.ts) },
    message.reply_users.slice(0, 4).map(avatar), el("span", {}, `${message.reply_count} ${word}`), el("span", {}, `Last reply ${ago(moment(message.latest_reply))}`));
}

function toolsNode(message, inThread) {
  const quick = ["white_check_mark", "eyes", "+1"].map((name) => el("button", { type: "button", class: "icon", "aria-label": `React with ${name.replaceAll("_", " ")}`, onclick: () => react(message, name) }, emoji(name)));
  const reply = el("button", { type: "button", class: "icon reply", "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => openThread(message.thread_ts || message.ts) }, "💬");
  const shortcuts = state.shortcuts.filter((s) => s.type === "message").map((s) => menuItem(s.name, () => attempt(() => post("shortcut", { callback_id: s.callback_id, channel: message.channel, ts: message.ts }))));
  return el("div", { class: "tools", role: "toolbar", "aria-label": "Message actions" }, quick, !inThread && reply, shortcuts.length ? menuNode("More message actions", "⋮", "icon", shortcuts) : null);
}

/** Puts nodes in place without touching those whose content is the same, and keeps the focus. */
function arrange(box, entries) {
  const focus = focusKey(box);
  const old = new Map([...box.children].map((node) => [node.dataset.id, node]));
  const nodes = entries.map(({ id, like, make }) => {
    const kept = old.get(id);
    if (kept && kept.dataset.like === like) return kept;
    const node = make();
    node.dataset.id = id;
    node.dataset.like = like;
    return node;
  });
  box.replaceChildren(...nodes);
  restoreFocus(box, focus);
}

function focusKey(box) {
  const node = document.activeElement;
  if (!box.contains(node) || node === box) return null;
  return { id: node.closest("[data-id]")?.dataset.id, key: node.dataset.key };
}

function restoreFocus(box, focus) {
  if (!focus || box.contains(document.activeElement)) return;
  const row = [...box.querySelectorAll("[data-id]")].find((node) => node.dataset.id === focus.id);
  const same = row && focus.key && [...row.querySelectorAll("[data-key]")].find((node) => node.dataset.key === focus.key);
  const next = same || row?.querySelector("button, a[href], select, input");
  next?.focus({ preventScroll: true });
}

function entriesOf(messages, inThread) {
  const entries = [];
  let before = null;
  for (const message of messages) {
    const newDay = !before || dayOf(moment(message.ts)) !== dayOf(moment(before.ts));
    if (newDay && !inThread) entries.push(dayEntry(message));
    const compact = !newDay && before.user === message.user && !isApp(message.user) && !message.only_for && !before.only_for && message.ts - before.ts < 300;
    const like = JSON.stringify([message, compact, me.id, target === message.ts]);
    entries.push({ id: message.ts, like, make: () => messageNode(message, { compact, inThread }) });
    before = message;
  }
  return entries;
}

function dayEntry(message) {
  const said = pretty(moment(message.ts), "date_long");
  const label = said[0].toUpperCase() + said.slice(1);
  return { id: `day-${dayOf(moment(message.ts))}`, like: label, make: () => el("div", { class: "day" }, el("span", {}, label)) };
}

/* ---------- drawing the places ---------- */

function seenIn(channel) {
  return [...(known.get(channel) || []), ...(whispers.get(channel) || [])].sort((a, b) => Number(a.ts) - Number(b.ts));
}

function redraw() {
  drawSidebar();
  drawPlace();
  drawThread();
}

const readKey = (channel) => `read ${me.id} ${channel}`;
const markRead = (channel) => {
  const latest = seenIn(channel).at(-1);
  if (latest) localStorage.setItem(readKey(channel), latest.ts);
};

function unread(channel) {
  const read = Number(localStorage.getItem(readKey(channel)) || 0);
  return seenIn(channel).filter((m) => Number(m.ts) > read && m.user !== me.id && !isReply(m)).length;
}

function drawSidebar() {
  const entry = (href, mark, name, count, current) => el("li", {}, el("a", { href, class: count && !current ? "unread" : null, "aria-current": current && "page" },
    el("span", { class: "mark", "aria-hidden": "true" }, mark), el("span", {}, name), count && !current ? el("span", { class: "badge", "aria-label": `${count} unread` }, count) : null));
  const channels = myChannels().map((c) => entry(`#${c.id}`, c.is_private ? "🔒" : "#", c.name, unread(c.id), place.id === c.id));
  const next = el("div", {},
    ...(state.has_home ? [el("ul", {}, entry("#home", "⌂", "Home", 0, place.kind === "home"))] : []),
    el("h3", {}, "Channels"), el("ul", {}, channels.length ? channels : el("li", {}, "You are in no channel.")),
    el("h3", {}, "Direct messages"), el("ul", {}, entry("#dm", "●", state.bot.name, unread(dmId()), place.kind === "dm")));
  // A link that is replaced while it is being pressed is never clicked.
  if (next.innerHTML === $("places").innerHTML) return;
  const focused = $("places").contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  $("places").replaceChildren(...next.childNodes);
  if (focused) $("places").querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

function drawPlace() {
  const channel = state.channels.find((c) => c.id === place.id);
  const app = place.kind !== "channel";
  $("place-name").textContent = app ? state.bot.name : `${channel?.is_private ? "🔒 " : "# "}${channel?.name || place.id}`;
  $("place-about").textContent = app ? "App" : `${channel?.members.length || 0} members${channel?.is_archived ? " · archived" : ""}`;
  $("tabs").replaceChildren(...(app ? [state.has_home && tab("Home", "home"), tab("Messages", "dm")].filter(Boolean) : []));
  $("composer").hidden = place.kind === "home" || !isMember();
  $("scroll").setAttribute("aria-label", place.kind === "home" ? "App Home" : "Messages");
  if (place.kind !== "home") drawMessages();
}

const tab = (name, kind) => el("button", { type: "button", role: "tab", "aria-selected": String(place.kind === kind), onclick: () => { location.hash = kind; } }, name);

function drawMessages() {
  const top = seenIn(placeId()).filter((m) => !isReply(m) || m.subtype === "thread_broadcast" || (m.only_for && !thread));
  const scroll = $("scroll");
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  arrange($("messages"), top.length ? entriesOf(top, false) : [emptyEntry()]);
  if (target) document.querySelector(`#messages [data-ts="${CSS.escape(target)}"]`)?.scrollIntoView({ block: "center" });
  else if (atEnd) scroll.scrollTop = scroll.scrollHeight;
  if (document.hasFocus() || !document.hidden) markRead(placeId());
}

function emptyEntry() {
  const command = state.commands[0]?.command || "/budget";
  const name = place.kind === "dm" ? `your messages with ${state.bot.name}` : $("place-name").textContent;
  return { id: "empty", like: `${placeId()}${me.id}`, make: () => el("div", { class: "empty" }, el("h3", {}, `This is the start of ${name}`), el("p", {}, "Type ", el("code", {}, `${command} help`), " to start.")) };
}

function drawHome(view) {
  const box = $("messages");
  if (place.kind !== "home") return;
  const blank = () => el("div", { class: "empty" }, el("h3", {}, "Nothing here yet"), el("p", {}, `${state.bot.name} has not published its Home for you. Is it running? Open this tab again to ask it anew.`));
  const entries = view
    ? view.blocks.map((block, i) => ({ id: `${i}`, like: JSON.stringify([block, view.state.values[block.block_id], me.id]), make: () => el("div", {}, blockNode(block, onHome(view))) }))
    : [{ id: "blank", like: me.id, make: blank }];
  if (!box.firstElementChild?.classList.contains("home")) box.replaceChildren(el("div", { class: "home blocks" }));
  arrange(box.firstElementChild, entries);
}

function drawThread() {
  $("thread").hidden = !thread || place.kind === "home";
  if ($("thread").hidden) return;
  const all = seenIn(placeId());
  const parent = all.find((m) => m.ts === thread);
  const replies = all.filter((m) => m.thread_ts === thread && m.ts !== thread);
  $("thread-about").textContent = place.kind === "dm" ? state.bot.name : $("place-name").textContent;
  const word = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  const count = { id: "count", like: word, make: () => el("div", { class: "count" }, word) };
  const box = $("thread-scroll");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  arrange($("thread-messages"), [...(parent ? entriesOf([parent], true) : []), ...(replies.length ? [count] : []), ...entriesOf(replies, true)]);
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function openThread(ts) {
  thread = ts;
  drawThread();
  $("thread-composer").querySelector("textarea").focus();
}

function closeThread() {
  const opener = document.querySelector(`#messages [data-ts="${CSS.escape(thread)}"] button`);
  thread = null;
  redraw();
  opener?.focus();
}

/* ---------- modals ---------- */

const typed = new Map(); // view id → what is typed in it, by block/element
let shown = ""; // the view on screen, its hash and errors

function onModal(view) {
  if (!typed.has(view.id)) typed.set(view.id, new Map());
  const values = typed.get(view.id);
  const errors = view.errors || {};
  const dispatches = (block) => block.type !== "input" || block.dispatch_action;
  const click = (element, block, option) => attempt(async () => {
    if (!(await confirmed(element))) return;
    await post("click", { view_id: view.id, values: filled(view), action_id: element.action_id, block_id: block.block_id, option });
  });
  return {
    errors,
    id: (block) => `f${view.id}-${block.block_id}`,
    value: (element, block) => (values.has(keyOf(element, block)) ? values.get(keyOf(element, block)) : held(view.state.values[block.block_id]?.[element.action_id])),
    set: (element, block, value) => values.set(keyOf(element, block), value),
    changed: (element, block) => (dispatches(block) ? click(element, block, values.get(keyOf(element, block))) : null),
    act: click,
  };
}

/** What has been typed, named so that the control API finds its field. */
function filled(view) {
  const given = {};
  for (const [key, value] of typed.get(view.id) || []) {
    const [block_id, action_id] = key.split(/\/(?=[^/]*$)/);
    const block = view.blocks.find((b) => b.block_id === block_id);
    if (block) given[block.type === "actions" ? action_id : block_id] = value;
  }
  return given;
}

function drawModal() {
  const dialog = $("modal");
  const view = modals.at(-1);
  if (!view) {
    shown = "";
    if (dialog.open) { dialog.close(); typed.clear(); }
    return;
  }
  const now = JSON.stringify([view.id, view.hash, view.errors, me.id]);
  if (now === shown) return;
  const fresh = !dialog.open || !shown.includes(view.id);
  shown = now;
  fillModal(dialog, view);
  if (!dialog.open) dialog.showModal();
  focusModal(dialog, view, fresh);
}

function fillModal(dialog, view) {
  const focus = focusKey(dialog) && document.activeElement.dataset.key;
  const inside = blocksNode(view.blocks, onModal(view));
  inside.classList.add("inside");
  const asks = view.blocks.some((b) => b.type === "input");
  const submit = view.submit || asks ? el("button", { class: "button primary", type: "submit", id: "modal-submit" }, plainText(view.submit?.text || "Submit")) : null;
  const form = el("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); submitModal(view); } },
    el("div", { class: "head" }, el("h2", { id: "modal-title" }, plainNodes(view.title.text)), el("button", { type: "button", class: "icon", "aria-label": "Close", onclick: closeModal }, "✕")),
    el("div", { class: "trouble", id: "modal-trouble", role: "alert", hidden: true }), inside,
    el("div", { class: "foot" }, el("button", { type: "button", class: "button", onclick: closeModal }, plainText(view.close?.text || (submit ? "Cancel" : "Close"))), submit));
  dialog.replaceChildren(form);
  if (focus) [...dialog.querySelectorAll("[data-key]")].find((n) => n.dataset.key === focus)?.focus();
}

function focusModal(dialog, view, fresh) {
  const wrong = Object.keys(view.errors || {})[0];
  const field = wrong && [...dialog.querySelectorAll("[data-block]")].find((n) => n.dataset.block === wrong);
  if (field) field.focus();
  else if (fresh) (dialog.querySelector("[autofocus]") || dialog.querySelector(".inside :is(input, select, textarea, button)") || dialog.querySelector(".foot button")).focus();
}

async function submitModal(view) {
  const dialog = $("modal");
  dialog.setAttribute("aria-busy", "true");
  const result = await attempt(() => post("submit", { values: filled(view) }));
  dialog.removeAttribute("aria-busy");
  if (!result) return;
  shown = result.outcome === "errors" ? "" : shown;
  setModals(result.views);
  const trouble = $("modal-trouble");
  if (result.outcome === "error" && trouble) { trouble.textContent = result.problem; trouble.hidden = false; }
  if (result.outcome === "errors") $("news").textContent = Object.values(result.errors).join(" ");
}

let closing = false;

/** Pressed twice quickly, it closes once. */
async function closeModal() {
  if (closing || !modals.length) return;
  closing = true;
  const result = await attempt(() => post("close", {}));
  closing = false;
  if (result) setModals(result.views);
}

function setModals(views) {
  modals = views;
  drawModal();
}

/* ---------- writing ---------- */

function makeComposer(form, inThread) {
  const label = inThread ? "Reply in thread" : "Message";
  const list = el("ul", { class: "suggest", role: "listbox", id: `${form.id}-list`, "aria-label": "Suggestions", hidden: true });
  const box = el("textarea", { rows: "1", id: inThread ? "reply-text" : "composer-text", "aria-label": label, placeholder: `${label}…`, role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" });
  const send = el("button", { class: "send", type: "submit", "aria-label": "Send", title: "Send (Enter)" }, "➤");
  form.append(list, box, send);
  const suggest = suggester(box, list);
  box.addEventListener("input", () => { grow(box); form.classList.toggle("ready", box.value.trim() !== ""); suggest.update(); });
  box.addEventListener("keydown", (event) => {
    if (suggest.keys(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    if (event.key === "Escape" && inThread) closeThread();
  });
  box.addEventListener("blur", () => setTimeout(suggest.close, 150));
  form.addEventListener("submit", (event) => { event.preventDefault(); write(box, inThread); });
}

const grow = (box) => { box.style.height = "auto"; box.style.height = `${Math.min(box.scrollHeight, 180)}px`; };

async function write(box, inThread) {
  const text = box.value.trim();
  if (!text) return;
  if (inThread && text.startsWith("/")) { toast(`${text.split(" ")[0]} is not supported in threads. Sorry!`); return; }
  box.value = "";
  box.dispatchEvent(new Event("input"));
  const sent = await attempt(() => deliver(text, inThread));
  if (!sent && !box.value) { box.value = text; box.dispatchEvent(new Event("input")); }
  const scroll = $(inThread ? "thread-scroll" : "scroll");
  scroll.scrollTop = scroll.scrollHeight;
}

async function deliver(text, inThread) {
  const channel = place.kind === "dm" ? me.id : place.id;
  if (!text.startsWith("/")) return post("message", { channel, text, thread_ts: inThread ? thread : null });
  const result = await post("command", { channel, text });
  setModals(result.views);
  return result;
}

/** Slash commands, people and channels, as they are being typed. */
function suggester(box, list) {
  let found = [];
  let at = 0;
  const close = () => { found = []; list.hidden = true; box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); };
  const take = (item) => {
    box.value = box.value.slice(0, box.selectionStart).replace(/\S*$/, `${item.insert} `) + box.value.slice(box.selectionStart);
    close();
    box.focus();
    box.dispatchEvent(new Event("input"));
  };
  const draw = () => {
    list.replaceChildren(...found.map((item, i) => el("li", { role: "option", id: `${list.id}-${i}`, "aria-selected": String(i === at), onmousedown: (event) => { event.preventDefault(); take(item); } }, el("b", {}, item.name), el("small", {}, item.about))));
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(Boolean(found.length)));
    if (found.length) box.setAttribute("aria-activedescendant", `${list.id}-${at}`);
  };
  const update = () => {
    const before = box.value.slice(0, box.selectionStart);
    found = suggestions(before).slice(0, 8);
    at = 0;
    if (found.length) draw(); else close();
  };
  const keys = (event) => {
    if (!found.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { at = (at + step + found.length) % found.length; draw(); event.preventDefault(); return true; }
    if (event.key === "Tab" || event.key === "Enter") { event.preventDefault(); take(found[at]); return true; }
    if (event.key === "Escape") { close(); event.stopPropagation(); return true; }
    return false;
  };
  return { update, keys, close };
}

function suggestions(before) {
  const word = before.split(/\s/).at(-1);
  const has = (text) => text.toLowerCase().startsWith(word.slice(1).toLowerCase());
  if (/^\/\S*$/.test(before)) return state.commands.filter((c) => c.command.startsWith(word) && c.command !== word).map((c) => ({ name: c.command, about: `${c.usage_hint || ""} ${c.description || ""}`, insert: c.command }));
  if (word.startsWith("@")) return [{ id: state.bot.user_id, name: state.bot.name, real_name: "App" }, ...state.users].filter((u) => !u.deleted && (has(u.name) || has(u.real_name)) && `@${u.name}` !== word).map((u) => ({ name: `@${u.name}`, about: u.real_name, insert: `@${u.name}` }));
  if (word.startsWith("#")) return myChannels().filter((c) => has(c.name) && `#${c.name}` !== word).map((c) => ({ name: `#${c.name}`, about: "", insert: `#${c.name}` }));
  return [];
}

/* ---------- jumping ---------- */

function openJumper() {
  const dialog = $("jumper");
  const places = [...(state.has_home ? [{ name: "Home", href: "#home" }] : []), { name: state.bot.name, about: "Direct messages", href: "#dm" }, ...myChannels().map((c) => ({ name: `# ${c.name}`, href: `#${c.id}` })),
    ...state.shortcuts.filter((s) => s.type === "global").map((s) => ({ name: s.name, about: "Shortcut", act: () => attempt(async () => { const r = await post("shortcut", { callback_id: s.callback_id }); setModals(r.views); }) }))];
  let at = 0;
  let found = places;
  const go = (item) => { dialog.close(); if (item?.href) location.hash = item.href; item?.act?.(); };
  const list = el("ul", { class: "found", role: "listbox", id: "jump-list", "aria-label": "Places" });
  const box = el("input", { class: "control", "aria-label": "Jump to", placeholder: "Jump to a channel or use a shortcut", role: "combobox", "aria-controls": "jump-list", "aria-expanded": "true", autocomplete: "off" });
  const draw = () => {
    list.replaceChildren(...found.map((item, i) => el("li", { role: "option", id: `jump-${i}`, "aria-selected": String(i === at), onclick: () => go(item) }, item.name, el("small", {}, item.about || ""))));
    box.setAttribute("aria-activedescendant", `jump-${at}`);
  };
  box.addEventListener("input", () => { found = places.filter((p) => p.name.toLowerCase().includes(box.value.trim().toLowerCase())); at = 0; draw(); });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) { event.preventDefault(); at = (at + step + found.length) % found.length; draw(); }
    if (event.key === "Enter") { event.preventDefault(); go(found[at]); }
  });
  dialog.replaceChildren(el("div", { class: "inside", style: "padding:16px" }, box, list));
  draw();
  dialog.showModal();
  box.focus();
}

/* ---------- moving about, and hearing the news ---------- */

async function reload(channel) {
  const query = { channel };
  if (channel === dmId() && !state.dms.some((d) => d.id === channel)) return;
  const [said, whispered] = await Promise.all([get("messages", query), get("ephemerals", { user: me.id, channel })]);
  announce(channel, [...said, ...whispered]);
  known.set(channel, said);
  whispers.set(channel, whispered);
}

/** New messages are read out, the old ones are not read again. */
function announce(channel, messages) {
  if (!known.has(channel) || channel !== placeId()) return;
  const before = new Set(seenIn(channel).map((m) => m.ts));
  const fresh = messages.filter((m) => !before.has(m.ts) && m.user !== me.id);
  if (fresh.length) $("news").textContent = fresh.map((m) => `${nameOf(m.user)}: ${mrkdwn(m.text).textContent}`).join(". ");
}

async function reloadState() {
  state = await get("state");
  me = person(me?.id) || state.users.find((u) => !u.deleted);
  $("team").textContent = state.team.name;
  drawPeople();
}

async function reloadAll() {
  await reloadState();
  await Promise.all([...myChannels().map((c) => c.id), dmId()].map(reload));
  modals = await get("views", { user: me.id });
  redraw();
  drawModal();
}

function drawPeople() {
  const label = (u) => `${u.real_name || u.name}${u.is_restricted || u.is_ultra_restricted ? " (guest)" : ""}`;
  $("person").replaceChildren(...state.users.filter((u) => !u.deleted).map((u) => el("option", { value: u.id, selected: u.id === me.id }, label(u))));
}

async function become(id) {
  sessionStorage.setItem("me", id);
  me = person(id);
  thread = null;
  known.clear();
  whispers.clear();
  shown = "";
  typed.clear();
  $("modal").close();
  $("toasts").replaceChildren();
  if (place.kind === "channel" && !isMember()) location.hash = state.has_home ? "#home" : "#dm";
  await reloadAll();
  await enter();
}

function readHash() {
  const [id, ts] = decodeURIComponent(location.hash.slice(1)).split("/");
  target = ts || null;
  if (id === "home" && state.has_home) return { kind: id, id };
  if (["home", "dm", dmId()].includes(id)) return { kind: "dm", id: "dm" };
  const channel = state.channels.find((c) => c.id === id) || myChannels()[0];
  return channel ? { kind: "channel", id: channel.id } : { kind: "dm", id: "dm" };
}

async function enter() {
  const before = place;
  place = readHash();
  if (before && (before.id !== place.id)) { thread = null; $("messages").replaceChildren(); }
  const leads = target && seenIn(placeId()).find((m) => m.ts === target);
  if (leads && isReply(leads)) thread = leads.thread_ts;
  document.title = `${place.kind === "channel" ? $("place-name").textContent : state.bot.name} · ${state.team.name} playground`;
  redraw();
  $("composer").querySelector("textarea").placeholder = place.kind === "dm" ? `Message ${state.bot.name}` : `Message ${$("place-name").textContent.replace("# ", "#")}`;
  if (!target) $("scroll").scrollTop = place.kind === "home" ? 0 : $("scroll").scrollHeight;
  if (place.kind === "home") await attempt(async () => drawHome((await post("home", {})).view));
  else if (matchMedia("(min-width: 761px)").matches && !$("modal").open) $("composer-text").focus();
}

function showSidebar(open) {
  $("sidebar").classList.toggle("open", open);
  $("menu").setAttribute("aria-expanded", String(open));
  if (open) $("places").querySelector("a").focus();
}

const NEWS = {
  message: async (news) => { await reload(news.channel); redraw(); },
  views: async (news) => { if (news.user === me.id) setModals(await get("views", { user: me.id })); },
  home: async (news) => { if (news.user === me.id && place.kind === "home") drawHome((await get("home", { user: me.id })).view); },
  channel: reloadAll,
  user: reloadAll,
  reset: async () => { known.clear(); whispers.clear(); thread = null; await reloadAll(); },
};

/** News comes one after the other; several of the same kind at once are fetched once. */
function listen() {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}${location.pathname}control/events`);
  let queue = Promise.resolve();
  const waiting = new Set();
  socket.onmessage = (event) => {
    const news = JSON.parse(event.data);
    const what = JSON.stringify([news.kind, news.channel, news.user]);
    if (news.kind === "message" && news.user && news.user !== me.id) return;
    if (waiting.has(what)) return;
    waiting.add(what);
    queue = queue.then(() => { waiting.delete(what); return attempt(() => NEWS[news.kind]?.(news)); });
  };
  socket.onopen = () => attempt(reloadAll);
  socket.onclose = () => setTimeout(listen, 1000);
}

async function start() {
  makeComposer($("composer"), false);
  makeComposer($("thread-composer"), true);
  state = await get("state");
  const asked = new URLSearchParams(location.search).get("as") || sessionStorage.getItem("me");
  me = person(asked) || state.users[0];
  place = readHash();
  await reloadAll();
  await enter();
  listen();
}

addEventListener("hashchange", () => { showSidebar(false); attempt(enter); });
addEventListener("focus", () => { if (place) { markRead(placeId()); drawSidebar(); } });
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); if (!$("modal").open) openJumper(); }
  if (event.key === "Escape" && $("sidebar").classList.contains("open")) { showSidebar(false); $("menu").focus(); }
});
addEventListener("click", (event) => {
  for (const pop of document.querySelectorAll(".pop")) if (!pop.parentElement.contains(event.target)) pop.remove();
  if ($("sidebar").classList.contains("open") && event.target.isConnected && !event.target.closest("#sidebar, #menu")) showSidebar(false);
});
$("menu").addEventListener("click", () => showSidebar(!$("sidebar").classList.contains("open")));
$("jump").addEventListener("click", openJumper);
$("thread-close").addEventListener("click", closeThread);
$("person").addEventListener("change", (event) => attempt(() => become(event.target.value)));
$("modal").addEventListener("cancel", (event) => { event.preventDefault(); closeModal(); });
$("jumper").addEventListener("click", (event) => { if (event.target === $("jumper")) $("jumper").close(); });
attempt(start);
