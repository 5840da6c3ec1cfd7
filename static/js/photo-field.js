/* Photos that were chosen are shown before they are sent. Without this script the field works the same. */
"use strict";

(() => {
  const SIDE = 240;

  const draw = async (file, canvas) => {
    canvas.width = canvas.height = SIDE;
    try {
      const picture = await createImageBitmap(file);
      const side = Math.min(picture.width, picture.height);
      canvas.getContext("2d").drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, SIDE, SIDE);
      picture.close();
    } catch {
      /* What can't be shown here is said by the server once it is sent. */
    }
  };

  const show = (field) => {
    const input = field.querySelector("input[type=file]");
    const list = field.querySelector("[data-photos-chosen]");
    list.replaceChildren(...[...input.files].map((file) => {
      const item = document.createElement("li");
      const image = document.createElement("canvas");
      draw(file, image);
      const name = document.createElement("span");
      name.className = "small-print";
      name.textContent = file.name;
      item.append(image, name);
      return item;
    }));
    list.hidden = !input.files.length;
  };

  document.querySelectorAll("[data-photos]").forEach((field) => {
    if (field.dataset.watched) return;
    field.dataset.watched = "yes";
    field.addEventListener("change", () => show(field));
    field.closest("form")?.addEventListener("reset", () => setTimeout(() => show(field)));
  });
})();
