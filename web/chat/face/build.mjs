// Builds the folder of the browser client: the same bytes from the same
// checkout, Go version and lock file, wherever it runs. `make chat` calls it.
//
//	node build.mjs --out DIR [--fast] [--tiles URL]
//
// --tiles names a server of map pictures, such as
// https://tiles.example.org/{z}/{x}/{y}.png: without it the page's policy lets it
// call nobody, with it a person may choose to see maps from there.
// --fast packs less tightly (for tests); what is packed is the same.
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { pack } from "./pack.mjs";

const here = path.dirname(fileURLToPath(import.meta.url)), root = path.resolve(here, "../../..");
const args = process.argv.slice(2), at = args.indexOf("--out");
const out = path.resolve(at >= 0 ? args[at + 1] : path.join(root, "build/chat")), fast = args.includes("--fast");
const go = (...a) => execFileSync("go", a, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, GOOS: "js", GOARCH: "wasm", CGO_ENABLED: "0", GOFLAGS: "-trimpath", GOWORK: "off" } }).trim();
const tilesAt = args.indexOf("--tiles"), tiles = tilesAt >= 0 ? args[tilesAt + 1] : "", tileOrigin = tiles && new URL(tiles.replace(/[{}]/g, "")).origin;
if (tiles && (!/^https?:\/\/[\w.:-]+\/[\w./{}-]*$/.test(tiles) || !["{z}", "{x}", "{y}"].every((k) => tiles.includes(k)))) throw new Error("--tiles takes an address such as https://tiles.example.org/{z}/{x}/{y}.png");
const sum = (b) => createHash("sha256").update(b).digest("hex");

// The core: without inlining where it buys nothing, which makes the file a
// seventh smaller; the arithmetic that people wait for keeps it.
const own = "crypto/internal/fips140/";
const fine = ["golang.org/x/crypto/...", own + "edwards25519/...", own + "sha256", own + "sha512", own + "sha3", own + "aes/...", own + "mlkem"].map((p) => `-gcflags=${p}=`);
const files = new Map();
const wasm = path.join(fs.mkdtempSync(path.join(fs.realpathSync(process.env.TMPDIR ?? "/tmp"), "letterlock-chat-")), "core.wasm");
go("build", "-trimpath", "-buildvcs=false", "-gcflags=all=-l", ...fine, "-ldflags=-s -w -buildid=", "-o", wasm, "./web/chat/core");
files.set("core.wasm", pack(fs.readFileSync(wasm)));
fs.rmSync(path.dirname(wasm), { recursive: true });

const exec = path.join(go("env", "GOROOT"), "lib/wasm/wasm_exec.js");
async function bundle(name, define = {}) {
  const r = await build({ entryPoints: [path.join(here, "src", name + ".ts")], bundle: true, minify: true, write: false, format: "iife", target: "es2022", charset: "utf8", legalComments: "none", alias: { "go-exec": exec }, define: { TILES: JSON.stringify(tiles), ...define }, absWorkingDir: here, logLevel: "warning" });
  files.set(name + ".js", Buffer.from(r.outputFiles[0].contents));
}
await bundle("app");
await bundle("worker");
const policy = fs.readFileSync(path.join(here, "../shelf/policy.txt"), "utf8").replace("img-src 'self'", (x) => [x, tileOrigin].filter(Boolean).join(" "));
files.set("policy.txt", Buffer.from(policy));
files.set("land.json", fs.readFileSync(path.join(here, "node_modules/world-atlas/land-110m.json")));
for (const f of ["index.html", "about.html"]) files.set(f, Buffer.from(fs.readFileSync(path.join(here, f), "utf8").replace('content="CSP"', () => `content="${policy.replace(/frame-ancestors 'none'; /, "")}"`)));
for (const f of ["app.css", "files.css", "manifest.webmanifest", "icon.svg", "icon-maskable.svg"]) files.set(f, fs.readFileSync(path.join(here, f)));

// Icons of one drawing each, for those who take no SVG.
await initWasm(fs.readFileSync(path.join(here, "node_modules/@resvg/resvg-wasm/index_bg.wasm")));
for (const [name, sizes] of [["icon", [192, 512]], ["icon-maskable", [192, 512]]]) for (const size of sizes) {
  files.set(`${name}-${size}.png`, Buffer.from(new Resvg(fs.readFileSync(path.join(here, name + ".svg"), "utf8"), { fitTo: { mode: "width", value: size } }).render().asPng()));
}

const list = () => [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([n, b]) => `${sum(b)}  ${n}\n`).join("");
await bundle("sw", { FILES: JSON.stringify(Object.fromEntries([...files].map(([n, b]) => [n, sum(b)]))), LIST: JSON.stringify(sum(list())) });
const sums = list();

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
for (const [name, b] of files) {
  fs.writeFileSync(path.join(out, name), b);
  if (!/\.(wasm|js|css|html|json)$/.test(name)) continue;
  fs.writeFileSync(path.join(out, name + ".br"), zlib.brotliCompressSync(b, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: fast ? 5 : 11, [zlib.constants.BROTLI_PARAM_LGWIN]: 24, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: b.length } }));
}
fs.writeFileSync(path.join(out, "SHA256SUMS"), sums);
for (const [name, b] of [...files].sort(([a], [c]) => (a < c ? -1 : 1))) {
  const br = path.join(out, name + ".br");
  console.log(`${name.padEnd(24)} ${String(b.length).padStart(9)}${fs.existsSync(br) ? String(fs.statSync(br).size).padStart(9) + " brotli" : ""}`);
}
console.log(`the list's SHA-256: ${sum(sums)}`);
