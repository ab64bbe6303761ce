/* Shows how far an upload is. Without script the same form posts as it always does.
   Form: <form data-upload enctype="multipart/form-data">; words come from its data-words-* attributes. */

const megabytes = (bytes) =>
  (bytes / 1048576).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

function show(form) {
  const box = form.querySelector("[data-upload-progress]");
  box.hidden = false;
  return { bar: box.querySelector("progress"), words: box.querySelector("[data-upload-words]") };
}

function send(form, submitter) {
  const data = new FormData(form, submitter);
  const { bar, words } = show(form);
  const request = new XMLHttpRequest();
  const stop = form.querySelector("[data-upload-stop]");

  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.max = event.total;
    bar.value = event.loaded;
    words.textContent = form.dataset.wordsSending
      .replace("{sent}", megabytes(event.loaded))
      .replace("{total}", megabytes(event.total));
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    words.textContent = form.dataset.wordsChecking;
  });
  request.addEventListener("load", () => {
    /* The page has been answered already, so it is shown and not asked for a second time:
       what it says once (a notice) would be lost. */
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const fresh = page.querySelector("main");
    if (!fresh) {
      words.textContent = form.dataset.wordsStopped;
      return;
    }
    document.querySelector("main").replaceWith(document.adoptNode(fresh));
    document.title = page.title;
    if (request.responseURL !== window.location.href) {
      history.pushState(null, "", request.responseURL);
      window.addEventListener("popstate", () => window.location.reload(), { once: true });
    }
    (document.querySelector("[data-error-summary]") ?? fresh).focus();
    window.scrollTo(0, 0);
    start();
  });
  const stopped = () => {
    bar.value = 0;
    words.textContent = form.dataset.wordsStopped;
  };
  request.addEventListener("error", stopped);
  request.addEventListener("abort", stopped);
  stop?.addEventListener("click", () => request.abort(), { once: true });

  request.open("POST", form.action);
  request.send(data);
}

function start() {
  for (const form of document.querySelectorAll("form[data-upload]")) {
    form.addEventListener("submit", (event) => {
      if (![...form.querySelectorAll("input[type=file]")].some((input) => input.files.length)) return;
      event.preventDefault();
      send(form, event.submitter);
    });
    for (const drop of form.querySelectorAll(".as-drop")) {
      const input = drop.querySelector("input[type=file]");
      for (const kind of ["dragenter", "dragover"]) {
        drop.addEventListener(kind, (event) => {
          event.preventDefault();
          drop.classList.add("is-over");
        });
      }
      for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("is-over"));
      drop.addEventListener("drop", (event) => {
        event.preventDefault();
        if (!event.dataTransfer.files.length) return;
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
  }
}

start();
