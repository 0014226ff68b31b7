// Reloads the page when the preview was rendered again.
setInterval(async () => {
  try {
    const now = await (await fetch("/_countersign/version")).text();
    if (now !== "VERSION") location.reload();
  } catch { /* the preview has ended */ }
}, 300);
