/** @odoo-module ignore **/
// The client action quittance_pay: {url, title, paid_message, waiting_message, tab_label} in its params.
// A fault while this file is read would leave the whole backend blank. So nothing is imported, every name is looked up
// late, and what can fail stands inside a try.
(function () {
    "use strict";
    var ALLOW = "payment *; publickey-credentials-get *";
    var EVERY_MS = 50,
        TRIES = 1200,
        READY_MS = 8000,
        DIALOG_MS = 4000;

    function module(name) {
        return odoo.loader.modules.get(name);
    }

    // The frame, and below it a link that shows only when the page has not said that it is there.
    function content(params) {
        var box = document.createElement("div"),
            frame = document.createElement("iframe");
        var link = document.createElement("a");
        box.className = "o_quittance_pay";
        box.style.cssText = "display:flex;flex-direction:column;height:min(76vh,760px)";
        frame.src = params.url;
        frame.title = params.title;
        frame.allow = ALLOW;
        frame.referrerPolicy = "strict-origin";
        frame.style.cssText = "flex:1;width:100%;border:0";
        frame.addEventListener("load", function () {
            frame.focus();
        });
        link.href = params.url;
        link.target = "_blank";
        link.rel = "noopener";
        link.textContent = params.tab_label || params.url;
        link.style.cssText = "padding:8px;text-align:center";
        link.hidden = true;
        box.append(frame, link);
        var timer = setTimeout(function () {
            link.hidden = false;
        }, READY_MS);
        return {
            box: box,
            frame: frame,
            ready: function () {
                clearTimeout(timer);
                link.hidden = true;
            }
        };
    }

    // Odoo's own dialog; `opened(close)` when it stands, `closed()` when it is gone.
    function odooDialog(env, params, box, opened, closed) {
        var owl = module("@odoo/owl"),
            Dialog = module("@web/core/dialog/dialog").Dialog;
        class QuittancePay extends owl.Component {
            setup() {
                this.place = owl.useRef("place");
                owl.onMounted(() => {
                    if (opened(() => this.props.close())) {
                        this.place.el.append(box);
                    }
                });
            }
        }
        QuittancePay.components = { Dialog };
        QuittancePay.props = ["*"];
        QuittancePay.template = owl.xml`<Dialog title="props.title" size="'md'" footer="false"><div t-ref="place"/></Dialog>`;
        env.services.dialog.add(QuittancePay, { title: params.title }, { onClose: closed });
    }

    // The browser's dialog, should Odoo's have moved.
    function plainDialog(params, box, opened, closed) {
        var dialog = document.createElement("dialog"),
            cross = document.createElement("button");
        dialog.setAttribute("aria-label", params.title);
        dialog.style.cssText = "width:min(600px,96vw);padding:32px 0 0;border:0;border-radius:8px;z-index:2000";
        cross.type = "button";
        cross.textContent = "\u00d7";
        cross.setAttribute("aria-label", "Close");
        cross.style.cssText = "position:absolute;top:0;right:8px;border:0;background:none;font-size:24px";
        cross.onclick = function () {
            dialog.close();
        };
        dialog.append(cross, box);
        dialog.addEventListener("close", function () {
            dialog.remove();
            closed();
        });
        opened(function () {
            dialog.close();
        });
        document.body.append(dialog);
        dialog.showModal();
    }

    function pay(env, action) {
        var params = Object.assign({ title: "Stripe" }, action && action.params);
        var origin = new URL(params.url).origin,
            page = content(params),
            told = false,
            close = null;
        var unsay = null;

        function say(text, type) {
            try {
                if (unsay) {
                    unsay();
                }
                if (text) {
                    unsay = env.services.notification.add(text, { type: type });
                }
            } catch (e) {
                /* only a notice */
            }
        }

        return new Promise(function (resolve) {
            // The page says "quittance:paid" with booked false when Stripe has the money, and with booked true when the books have it.
            function listen(event) {
                var news = event.data;
                if (event.source !== page.frame.contentWindow || event.origin !== origin || !news) {
                    return;
                }
                if (news.type === "quittance:ready") {
                    page.ready();
                }
                if (news.type === "quittance:close" && close) {
                    close();
                }
                if (news.type !== "quittance:paid") {
                    return;
                }
                if (news.booked === true) {
                    say(params.paid_message, "success");
                    if (close) {
                        close();
                    }
                } else if (!told) {
                    told = true;
                    say(params.waiting_message, "info");
                }
            }
            function closed() {
                window.removeEventListener("message", listen);
                page.ready();
                // Makes the form that owns the button read its record again, however the dialog ended.
                resolve({ type: "ir.actions.act_window_close" });
            }
            // False for a dialog that comes too late.
            function opened(closer) {
                if (close) {
                    return false;
                }
                close = closer;
                return true;
            }
            function fallBack() {
                if (!close) {
                    plainDialog(params, page.box, opened, closed);
                }
            }
            window.addEventListener("message", listen);
            try {
                odooDialog(env, params, page.box, opened, closed);
                setTimeout(fallBack, DIALOG_MS);
            } catch (e) {
                fallBack();
            }
        });
    }

    (function register(left) {
        try {
            module("@web/core/registry").registry.category("actions").add("quittance_pay", pay, { force: true });
        } catch (e) {
            if (left > 0) {
                setTimeout(function () {
                    register(left - 1);
                }, EVERY_MS);
            }
        }
    })(TRIES);
})();
