// The only place that touches dash_clientside: hands what was picked to Dash.
window.addEventListener("twin:pick", (event) => {
  window.dash_clientside.set_props("picked", { data: event.detail });
});
