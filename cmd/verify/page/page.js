"use strict";
(function () {
  var byId = function (id) { return document.getElementById(id); };
  var ready = byId("ready");

  function unpack() {
    var text = atob(byId("wasm").content.textContent.trim());
    var bytes = Uint8Array.from(text, function (c) { return c.charCodeAt(0); });
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  }

  globalThis.letterlockVerifyReady = function () {
    byId("check").disabled = false;
    ready.textContent = "Ready.";
  };

  var go = new Go();
  unpack()
    .then(function (bytes) { return WebAssembly.instantiate(bytes, go.importObject); })
    .then(function (program) { go.run(program.instance); })
    .catch(function () { ready.textContent = "This browser cannot run the check. Use the program “verify” instead."; });

  function chosen(id) { return byId(id).files[0]; }

  function item(list, cls) {
    var li = document.createElement("li");
    if (cls) { li.className = cls; }
    list.appendChild(li);
    return li;
  }

  var shown = [];

  function show(result) {
    byId("result").hidden = false;
    var verdict = byId("verdict");
    verdict.textContent = result.ok ? "Everything that was checked holds." : "Do not rely on this: something does not hold.";
    verdict.className = result.ok ? "good" : "bad";
    byId("about").textContent = result.package ? "Package " + result.package.id + " of " + result.package.provider + ", case " + result.package.case + (result.package.language ? ", letter in the language “" + result.package.language + "”" : "") + "." : "";
    var lines = byId("lines");
    lines.replaceChildren();
    result.lines.forEach(function (line) {
      var li = item(lines, line.state);
      var state = document.createElement("b");
      state.textContent = line.state.toUpperCase();
      var text = document.createElement("span");
      text.textContent = line.text;
      li.append(state, text);
    });
    shown.forEach(URL.revokeObjectURL);
    var files = byId("files");
    files.replaceChildren();
    byId("files-part").hidden = result.files.length === 0;
    shown = result.files.map(function (file) {
      var url = URL.createObjectURL(new Blob([file.bytes], { type: "application/octet-stream" }));
      var a = document.createElement("a");
      a.href = url;
      a.download = file.name.replace("/", "-");
      a.textContent = "Save " + file.name;
      item(files).append(a, " (" + file.bytes.length.toLocaleString("en") + " bytes)");
      return url;
    });
    verdict.focus();
  }

  byId("form").addEventListener("submit", function (event) {
    event.preventDefault();
    var identity = chosen("identity");
    ready.textContent = "Checking …";
    Promise.all([
      chosen("package").arrayBuffer(),
      identity ? identity.text() : Promise.resolve(byId("passphrase").value),
      Promise.all(Array.from(byId("trust").files, function (f) { return f.text(); })).then(function (all) { return all.join("\n"); })
    ]).then(function (parts) {
      show(letterlockVerify.open(new Uint8Array(parts[0]), parts[1], parts[2]));
      ready.textContent = "";
    }).catch(function () {
      ready.textContent = "A file cannot be read. Choose it again.";
    });
  });
})();
