// Durations as PromQL writes them, one number and one unit.
local units = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

{
  seconds(text):: std.parseInt(text[:std.length(text) - 1]) * units[text[std.length(text) - 1]],

  text(seconds):: if seconds % 60 == 0 then '%dm' % (seconds / 60) else '%ds' % seconds,

  // How finely a window is looked through where every sample of it would be too much.
  sixtieth(text):: self.text(std.max(1, self.seconds(text) / 60)),
}
