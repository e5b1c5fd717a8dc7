// Bundles the dashboard from chalicelib/dashboard into its folder `built`, which is committed: serving it needs no npm.
//
//     node infra/dashboard/build.mjs [FOLDER]        `make page` runs it; a test runs it into a folder of its own
//
// Every name carries the hash of its content, so that a browser may keep it for ever. manifest.json records what was
// built from what: by it a test without npm tells a source that was changed from one that was built.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const SOURCE = join(ROOT, "chalicelib/dashboard");
const OUT = process.argv[2] ?? join(SOURCE, "built");
const MODULES = join(ROOT, "node_modules");
const TYPES = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
// What ends up in a bundle, with the files of its licence; zrender and tslib come with
// echarts; lit, marked and prismjs are the greater parts of the viewer, whose licence names the same terms.
const LIBRARIES = {
  echarts: ["LICENSE", "NOTICE"],
  zrender: ["LICENSE"],
  tslib: ["LICENSE.txt"],
  preact: ["LICENSE"],
  "openapi-explorer": ["LICENSE"],
  lit: ["LICENSE"],
  "lit-html": ["LICENSE"],
  marked: ["LICENSE.md"],
  prismjs: ["LICENSE"],
};

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const suffix = (name) => name.slice(name.lastIndexOf("."));

function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
}

const COMMON = {
  absWorkingDir: ROOT,
  outdir: join(OUT, "assets"),
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none", // the licences lie beside, in `licences`
  logLevel: "warning",
  metafile: true,
};

async function bundled(names, more = {}) {
  const { metafile } = await build({ ...COMMON, entryPoints: names.map((name) => join(SOURCE, name)), ...more });
  return Object.keys(metafile.outputs).map((path) => basename(path));
}

// The charts are a bundle of their own, for they come while the numbers are being asked for.
async function bundle() {
  const [charts] = await bundled(["js/charts.js"]);
  const apart = {
    name: "charts",
    setup: ({ onResolve }) => onResolve({ filter: /\/charts\.js$/, namespace: "file" }, ({ kind }) =>
      kind === "dynamic-import" ? { path: `./${charts}`, external: true } : undefined),
  };
  // The dialogs of the actions are loaded when the first one is opened; what both use is a bundle that the page preloads.
  const split = { splitting: true, chunkNames: "[name]-[hash]" };
  const page = await bundled(["js/app.jsx", "css/app.css"], { jsx: "automatic", jsxImportSource: "preact", plugins: [apart], ...split });
  return [charts, ...page, ...(await bundled(["js/docs.js", "css/docs.css"]))];
}

function icon() {
  const drawing = readFileSync(join(SOURCE, "icon.svg"));
  const name = `icon-${sha256(drawing).slice(0, 8).toUpperCase()}.svg`;
  writeFileSync(join(OUT, "assets", name), drawing);
  return name;
}

// `{{app.js}}` in a page becomes the hashed name.
function page(name, assets) {
  const text = readFileSync(join(SOURCE, name), "utf-8").replace(/\{\{([a-z]+)(\.[a-z]+)\}\}/g, (_, stem, kind) => {
    const found = assets.filter((asset) => asset.startsWith(`${stem}-`) && asset.endsWith(kind));
    if (found.length !== 1) throw new Error(`${name} asks for ${stem}${kind}: found ${found.length} of it`);
    return `assets/${found[0]}`;
  });
  writeFileSync(join(OUT, name), text);
  return text;
}

function versions() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf-8"));
  const named = [...Object.keys(LIBRARIES), "esbuild"].sort();
  return Object.fromEntries(named.map((name) => [name, packages[`node_modules/${name}`].version]));
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(join(OUT, "assets"), { recursive: true });
const assets = [...(await bundle()), icon()].sort();
const sources = [...filesIn(SOURCE).filter((path) => !path.startsWith(join(SOURCE, "built")) && !/\.pyc?$/.test(path)), fileURLToPath(import.meta.url)];
const manifest = {
  pages: Object.fromEntries(["docs.html", "index.html"].map((name) => [name, sha256(page(name, assets))])),
  assets: Object.fromEntries(
    assets.map((name) => [name, { type: TYPES[suffix(name)], sha256: sha256(readFileSync(join(OUT, "assets", name))) }]),
  ),
  libraries: versions(),
  sources: Object.fromEntries(
    sources.map((path) => [relative(ROOT, path).replaceAll("\\", "/"), sha256(readFileSync(path))]).sort(),
  ),
};
writeFileSync(join(OUT, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
for (const [library, names] of Object.entries(LIBRARIES)) {
  for (const name of names) cpSync(join(MODULES, library, name), join(OUT, "licences", library, name));
}
