// Shows the number of messages as it changes, and says so when the gate ends the connection.
const count = document.getElementById("count");
const socket = new WebSocket(`wss://${location.host}/live`);
socket.addEventListener("message", (event) => {
  const { messages } = JSON.parse(event.data);
  const before = Number(count.dataset.messages ?? messages);
  count.dataset.messages = messages;
  count.textContent = `(${messages})`;
  if (messages > before && location.pathname === "/") location.reload();
});
socket.addEventListener("close", (event) => {
  document.documentElement.dataset.live = `closed ${event.code}`;
  if (event.code === 1008) count.textContent = "–";
});
