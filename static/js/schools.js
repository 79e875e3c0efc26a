// Suggestions for the place of work follow the chosen municipality. Without this file those of the stored one are offered.
"use strict";

const suggestions = document.getElementById("schools");
const town = document.getElementById("id_municipality");

async function renewSuggestions() {
  try {
    const address = `${suggestions.dataset.source}?municipality=${encodeURIComponent(town.value)}`;
    const response = await fetch(address, { credentials: "same-origin" });
    if (!response.ok) return;
    const { names } = await response.json();
    suggestions.replaceChildren(...names.map((name) => new Option("", name)));
  } catch {
    // Suggestions are a help; the field takes any text.
  }
}

if (suggestions && town) town.addEventListener("change", renewSuggestions);
