// Talks to the playground's server. Every call names who does it and where.

async function answer(response) {
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

export async function view(person, channel) {
  const q = new URLSearchParams({ person, channel });
  return answer(await fetch(`/api/view?${q}`));
}

export async function post(what, body) {
  const out = await answer(await fetch(`/api/${what}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }));
  if (out && out.error) throw new Error(out.error);
  return out;
}
