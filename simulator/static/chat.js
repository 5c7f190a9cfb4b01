// The citizen's phone: shows one talk as the simulator streams it, and plays what she does.
// Message text is only ever put into text nodes; nothing of a message is read as HTML.
"use strict";

const ZONE = "Asia/Ho_Chi_Minh";
const KEPT_USER = "simulator.user";
const SVG = "http://www.w3.org/2000/svg";
const $ = (id) => document.getElementById(id);

const talk = $("talk");
const shown = new Map(); // what is in the talk: key → {node, signature}
let user = null;
let stream = null;
let sending = Promise.resolve();
let isAtEnd = true;


function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

function link(href, text) {
  const node = make("a", "", text);
  node.href = href;
  if (!href.startsWith("tel:") && !href.startsWith("sms:")) {
    node.target = "_blank";
    node.rel = "noopener noreferrer";
  }
  return node;
}

function isWebAddress(value) {
  return /^https?:\/\//i.test(String(value));
}

// A web address (with or without https), a hotline, a telephone number. Twelve digits are an
// identity number, not a telephone number: the look-ahead leaves them alone.
const LINKABLE = new RegExp(
  [
    String.raw`https?:\/\/[^\s<>"]+`,
    String.raw`(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:gov\.vn|com\.vn|org\.vn|edu\.vn|vn|com|org|net)(?:\/[^\s<>"]*)?(?![\w@-])`,
    String.raw`(?<![\d.,])1[89]00[ .]?\d{2,4}(?:[ .]?\d{2,4})?(?![\d])`,
    String.raw`(?<![\d.,])(?:\+84|0)(?:[ .-]?\d){9,10}(?![ .-]?\d)`,
    String.raw`(?<=(?:gọi|Gọi|số)\s+)11[1-5](?!\d)`,
  ].join("|"),
  "giu",
);

function linked(text) {
  const parts = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(LINKABLE)) {
    const found = match[0].replace(/[.,;:!?)\]”"»]+$/u, "");
    parts.append(text.slice(from, match.index));
    from = match.index + found.length;
    if (/^[+\d]/.test(found) && !/[a-z]/i.test(found)) {
      parts.append(link(`tel:${found.replace(/[^+\d]/g, "")}`, found));
    } else {
      parts.append(link(isWebAddress(found) ? found : `https://${found}`, found));
    }
  }
  parts.append(text.slice(from));
  return parts;
}


const clockFormat = new Intl.DateTimeFormat("vi-VN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("vi-VN", { timeZone: ZONE, day: "2-digit", month: "2-digit", year: "numeric" });

function dayName(ms, nowMs) {
  const day = dayFormat.format(ms);
  if (day === dayFormat.format(nowMs)) return "Hôm nay";
  if (day === dayFormat.format(nowMs - 86400000)) return "Hôm qua";
  return day;
}


function card(iconName, title, detail) {
  const words = make("div", "", make("strong", "", title));
  if (detail) words.append(make("small", "", detail));
  return make("div", "card", icon(iconName), words);
}

function kilobytes(size) {
  const bytes = Number(size);
  return Number.isFinite(bytes) && bytes > 0 ? `${Math.ceil(bytes / 1024)} KB` : "";
}

function attachmentParts(message) {
  const payload = message.attachment || {};
  switch (message.kind) {
    case "image":
    case "gif":
      return [picture(payload), imageCaption(message, payload)];
    case "audio":
      return [card("audio", "Tin ghi âm", "0:07")];
    case "video":
      return [card("image", "Đoạn phim", "")];
    case "sticker":
      return [make("div", "sticker", icon("sticker"))];
    case "location":
      return [card("location", "Vị trí của tôi", "Đã chia sẻ")];
    case "file":
      return [card("file", payload.name || "Tệp đính kèm", kilobytes(payload.size))];
    case "business_card":
      return [card("user", "Danh thiếp", "")];
    case "request_user_info":
    case "list":
      return [elements(payload.elements || [])];
    default:
      return [];
  }
}

function picture(payload) {
  // Only what the OA uploaded here can be shown: the page asks nobody outside for anything.
  if (!String(payload.url).startsWith("/__fake/uploads/")) return make("div", "picture", icon("image"));
  const image = make("img", "photo");
  image.src = payload.url;
  image.alt = "Ảnh từ cơ quan";
  image.addEventListener("load", () => { if (isAtEnd) toEnd(); });
  return image;
}

function imageCaption(message, payload) {
  if (message.author === "citizen" || !isWebAddress(payload.url)) return make("small", "hidden-label", "Ảnh");
  return link(payload.url, "Mở ảnh");
}

function elements(list) {
  const box = make("div", "elements");
  for (const element of list) box.append(card("link", element.title || "", element.subtitle || ""));
  return box;
}

function choice(message, button, index) {
  let node;
  if (button.type === "oa.open.url" && isWebAddress(button.payload.url)) {
    node = link(button.payload.url, "");
    node.append(icon("link"), button.title);
  } else if (button.type === "oa.open.phone") {
    node = link(`tel:+${button.payload.phone_code}`, "");
    node.append(icon("phone"), button.title);
  } else if (button.type === "oa.open.sms") {
    node = link(`sms:+${button.payload.phone_code}?body=${encodeURIComponent(button.payload.content)}`, "");
    node.append(button.title);
  } else {
    node = make("button", "", button.title);
    node.type = "button";
    node.addEventListener("click", () => tap(message.id, index));
  }
  node.classList.add("choice");
  node.dataset.testid = "choice";
  return node;
}

function shareButton() {
  const node = make("button", "choice", "Chia sẻ thông tin");
  node.type = "button";
  node.dataset.testid = "share-info";
  node.addEventListener("click", () => act("submit_info"));
  return node;
}

function drawMessage(message) {
  const isMine = message.author === "citizen";
  const row = make("div", `row${isMine ? " mine" : ""}${message.author === "staff" ? " staff" : ""}`);
  row.dataset.id = message.id;
  const inside = make("div", "inside");
  if (message.author === "staff") inside.append(make("div", "from", "Cán bộ"));
  inside.append(...attachmentParts(message));
  const hasText = message.text && !["request_user_info", "list"].includes(message.kind);
  if (hasText) inside.append(make("div", "text", linked(message.text)));
  const stamp = make("div", "stamp", make("time", "", clockFormat.format(message.time_ms)));
  stamp.querySelector("time").dateTime = new Date(message.time_ms).toISOString();
  if (message.reaction) stamp.prepend(make("span", "reaction", reactionSign(message.reaction)));
  inside.append(stamp);

  const bubble = make("div", "bubble", inside);
  bubble.dataset.testid = isMine ? "bubble-user" : "bubble-oa";
  const buttons = message.buttons.map((button, index) => choice(message, button, index));
  if (message.kind === "request_user_info") buttons.push(shareButton());
  if (buttons.length) {
    row.classList.add("has-choices");
    bubble.append(make("div", "choices", ...buttons));
  }
  if (message.kind === "sticker") row.classList.add("bare");
  if (!isMine) {
    const avatar = make("span", "avatar", icon(message.author === "staff" ? "user" : "oa"));
    avatar.setAttribute("aria-hidden", "true");
    row.append(avatar);
  }
  const author = { citizen: "Bạn", staff: "Cán bộ" }[message.author] || $("oa-name").textContent;
  row.append(make("span", "hidden-label", `${author}:`), bubble);
  return row;
}

function reactionSign(code) {
  const signs = { "/-strong": "👍", "/-heart": "❤", ":>": "😄", "--b": "😢", ":-((": "😭", ":-h": "😠", ":o": "😮" };
  return signs[code] || code;
}

const STATUS = {
  sending: ["Đang gửi…", false],
  delivered: ["Đã gửi", false],
  retrying: ["Trợ lý chưa nhận được, sẽ gửi lại", true],
  lost: ["Không gửi được", true],
};

function draw(messages, nowMs) {
  const wasAtEnd = isAtEnd;
  const before = new Map(shown);
  let previous = null;
  let place = null; // last node already in the right place
  const put = (key, signature, build) => {
    place = putAfter(place, drawn(key, signature, build));
    before.delete(key);
    return place;
  };
  messages.forEach((message, index) => {
    const day = dayFormat.format(message.time_ms);
    const isNewDay = !previous || dayFormat.format(previous.time_ms) !== day;
    if (isNewDay) {
      const name = dayName(message.time_ms, nowMs);
      put(`day ${day}`, name, () => make("div", "day", name));
    }
    const { delivery, ...lasting } = message;
    const row = put(message.id, JSON.stringify(lasting), () => drawMessage(message));
    row.classList.toggle("first", isNewDay || previous.author !== message.author);
    const [words, isBad] = STATUS[delivery] || ["", false];
    if (words && (isBad || (message.author === "citizen" && index === messages.length - 1))) {
      put("status " + message.id, words, () => drawStatus(words, isBad));
    }
    previous = message;
  });
  for (const [key, { node }] of before) {
    node.remove();
    shown.delete(key);
  }
  $("welcome").hidden = messages.length > 0;
  if (wasAtEnd) toEnd();
  else $("to-end").hidden = false;
}

function drawStatus(words, isBad) {
  const node = make("div", `status${isBad ? " bad" : ""}`, words);
  node.dataset.testid = "delivery";
  return node;
}

// The node for `key`, built again only when `signature` says that it would look different.
function drawn(key, signature, build) {
  const old = shown.get(key);
  if (old && old.signature === signature) return old.node;
  const node = build();
  if (old) old.node.replaceWith(node);
  else node.classList.add("fresh");
  shown.set(key, { node, signature });
  return node;
}

// Moves a node only when it is not there yet: moving would make a screen reader read it again.
function putAfter(place, node) {
  const next = place ? place.nextSibling : $("welcome").nextSibling;
  if (next !== node) talk.insertBefore(node, next);
  return node;
}

function toEnd() {
  talk.scrollTop = talk.scrollHeight;
  isAtEnd = true;
  $("to-end").hidden = true;
}

talk.addEventListener("scroll", () => {
  isAtEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60;
  if (isAtEnd) $("to-end").hidden = true;
});
new ResizeObserver(() => { if (isAtEnd) toEnd(); }).observe(talk);
$("to-end").addEventListener("click", toEnd);


async function call(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  };
  const response = await fetch(path, options);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

function trouble(text, canFix = false) {
  $("trouble").hidden = !text;
  $("trouble-text").textContent = text;
  $("trouble-fix").hidden = !canFix;
}

// One after the other, so that quick messages keep their order.
function send(body) {
  const owner = user.id;
  isAtEnd = true;
  sending = sending.then(() => call(`/__fake/users/${owner}/send`, body)).then(
    () => true,
    () => { trouble("Mất kết nối với máy mô phỏng. Hãy thử gửi lại."); return false; },
  );
  return sending;
}

function tap(messageId, index) {
  isAtEnd = true;
  call(`/__fake/users/${user.id}/tap`, { message_id: messageId, button_index: index }).catch(
    () => trouble("Không bấm được nút này. Hãy thử lại."),
  );
}

function act(name) {
  return call(`/__fake/users/${user.id}/${name}`, {}).catch(
    () => trouble("Mất kết nối với máy mô phỏng."),
  );
}

function listen() {
  if (stream) stream.close();
  stream = new EventSource(`/__fake/users/${user.id}/stream`);
  stream.addEventListener("talk", (event) => {
    const data = JSON.parse(event.data);
    user = data.user;
    draw(data.messages, data.now_ms);
    drawState(data);
  });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.OPEN) return;
    trouble("Mất kết nối với máy mô phỏng. Đang nối lại…");
    // The browser tries again by itself unless the answer was an error, as when this user is gone.
    if (stream.readyState === EventSource.CLOSED) setTimeout(startAgain, 2000);
  });
}

function drawState(data) {
  const { webhook, now_ms: nowMs } = data;
  $("user-name").textContent = user.name;
  $("follow-bar").hidden = user.follow === "following";
  $("panel-follow").disabled = user.follow === "following";
  $("panel-unfollow").disabled = user.follow !== "following";
  if (!webhook.is_enabled) {
    trouble("Webhook đã bị tắt vì trợ lý không trả lời nhiều lần.", true);
  } else {
    trouble("");
  }
  const names = { ok: "tốt", slow: "trả lời chậm", unreachable: "chưa nối được", bad_status: "bị từ chối" };
  $("fact-webhook").textContent = webhook.is_enabled ? names[webhook.outcome] || "chưa thử" : "đã tắt";
  $("fact-clock").textContent = `${clockFormat.format(nowMs)} ${dayFormat.format(nowMs)}`;
  const last = user.last_interaction_ms;
  const free = last + 48 * 3600 * 1000;
  $("fact-free").textContent =
    last === null ? "chưa nhắn tin" : nowMs > free ? "đã hết" : `${clockFormat.format(free)} ${dayFormat.format(free)}`;
}


async function choose(next) {
  user = next;
  localStorage.setItem(KEPT_USER, user.id);
  for (const { node } of shown.values()) node.remove();
  shown.clear();
  isAtEnd = true;
  listen();
  await drawUsers();
}

async function newUser() {
  closePanel();
  await choose(await call("/__fake/users", {}));
  $("message").focus();
}

async function drawUsers() {
  const users = (await call("/__fake/users")).slice(-50).reverse();
  $("users").replaceChildren(...users.map((one) => {
    const node = make("button", "", one.name);
    node.type = "button";
    node.dataset.testid = "user";
    if (one.id === user.id) {
      node.setAttribute("aria-current", "true");
      node.append(icon("check"));
    }
    node.addEventListener("click", () => { closePanel(); choose(one); });
    return node;
  }));
}


const input = $("message");

function fit() {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight + 2, 152)}px`;
}

async function submit() {
  const text = input.value.trim();
  if (!text || !user) return;
  input.value = "";
  fit();
  input.focus();
  if (!(await send({ text })) && !input.value) {
    input.value = text;
    fit();
  }
}

input.addEventListener("input", fit);
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
$("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });

function toggleAttach(isOpen) {
  $("attach").hidden = !isOpen;
  $("attach-toggle").setAttribute("aria-expanded", String(isOpen));
}

$("attach-toggle").addEventListener("click", () => toggleAttach($("attach").hidden));
for (const node of $("attach").querySelectorAll("button")) {
  node.addEventListener("click", () => {
    toggleAttach(false);
    send({ kind: node.dataset.kind });
    $("attach-toggle").focus();
  });
}
for (const node of document.querySelectorAll(".samples button")) {
  node.addEventListener("click", () => { send({ text: node.textContent }); input.focus(); });
}

function openPanel() {
  $("panel").classList.add("open");
  $("shade").hidden = false;
  $("phone").inert = true;
  $("panel-open").setAttribute("aria-expanded", "true");
  $("panel-close").focus();
}

function closePanel() {
  const wasOpen = $("panel").classList.contains("open");
  $("panel").classList.remove("open");
  $("shade").hidden = true;
  $("phone").inert = false;
  $("panel-open").setAttribute("aria-expanded", "false");
  if (wasOpen) $("panel-open").focus();
}

$("panel-open").addEventListener("click", openPanel);
$("panel-close").addEventListener("click", closePanel);
$("shade").addEventListener("click", closePanel);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closePanel();
  toggleAttach(false);
});
$("new-user").addEventListener("click", newUser);
$("panel-new-user").addEventListener("click", newUser);
$("follow").addEventListener("click", () => act("follow"));
$("panel-follow").addEventListener("click", () => act("follow"));
$("panel-unfollow").addEventListener("click", () => act("unfollow"));
$("trouble-fix").addEventListener("click", () => call("/__fake/webhook", {}).catch(() => {}));
for (const node of document.querySelectorAll("[data-days]")) {
  node.addEventListener("click", () => call("/__fake/clock/advance", { seconds: Number(node.dataset.days) * 86400 }));
}
$("staff").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("staff-text").value.trim();
  if (!text) return;
  $("staff-text").value = "";
  closePanel();
  call("/__fake/staff", { user_id: user.id, text }).catch(() => trouble("Mất kết nối với máy mô phỏng."));
});

async function start() {
  const asked = new URLSearchParams(location.search).get("user");
  const wanted = asked || localStorage.getItem(KEPT_USER);
  const users = await call("/__fake/users");
  const known = users.find((one) => one.id === wanted);
  await choose(known || (await call("/__fake/users", asked ? { id: asked } : {})));
}

function startAgain() {
  start().catch(() => {
    trouble("Không nối được với máy mô phỏng. Đang thử lại…");
    setTimeout(startAgain, 2000);
  });
}

startAgain();
