// What old portals do to the page: they extend what is built in, and wrap what is there for a "loading" counter.
Array.prototype.remove = function (one) {
  return this.filter((other) => other !== one);
};
String.prototype.trim = function () {
  return this.replace(/^[ \t]+|[ \t]+$/g, "");
};
addEventListener("load", function () {
  var names = ["fetch", "URLSearchParams", "DOMParser", "AbortController", "CSSStyleSheet"];
  names.forEach(function (name) {
    window[name] = function () {
      throw new Error("本页面不支持 " + name);
    };
  });
  document.documentElement.setAttribute("data-vandalised", "");
});
