// What the pages add to plain HTML: everything works without it.
"use strict";

// Menus are <details>: they also close on Escape and on a click elsewhere.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details[data-menu]"));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details[data-menu][open]");
  closeMenus(null);
  if (menu) menu.querySelector("summary").focus();
});

// Filters that are not in use stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  for (const [name, value] of [...event.detail.formData.entries()]) {
    if (value === "") event.detail.formData.delete(name);
  }
});

// Whoever followed a link that the swap replaced goes on where the new content begins.
document.addEventListener("htmx:afterSettle", (event) => {
  if (document.activeElement === document.body) event.detail.target.focus({ preventScroll: true });
});

// A part that could not be had is shown as the whole page would be: with its reason.
document.addEventListener("htmx:responseError", (event) => {
  window.location.assign(event.detail.pathInfo.finalRequestPath);
});

document.addEventListener("htmx:sendError", () => {
  const notice = document.createElement("div");
  notice.className = "alert alert-danger";
  notice.textContent = "The server cannot be reached. Check the connection and try again.";
  document.getElementById("notices").replaceChildren(notice);
});
