// SPDX-License-Identifier: Apache-2.0
#include "host/report/page.hpp"

#include <fmt/format.h>

#include "host/report/markup.hpp"

namespace weco::report {
namespace {

// The policy forbids every request, also for a browser that is handed something unforeseen.
constexpr std::string_view kHead =
    "<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
constexpr std::string_view kStyle = R"css(<style>
@page{size:A4;margin:14mm}
*{box-sizing:border-box}
body{font:14px/1.4 system-ui,sans-serif;color:#1c2126;background:#fff;max-width:190mm;margin:1.5rem auto;padding:0 1rem;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:0 0 .2rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem;break-after:avoid}
table{border-collapse:collapse;width:100%;font-size:.86rem}
th,td{border-bottom:1px solid #d5dade;padding:.3rem .4rem;text-align:left;vertical-align:top}
thead{display:table-header-group}tr,figure,.sign{break-inside:avoid}
.items{table-layout:fixed}.items th:nth-child(1){width:29%}.items th:nth-child(2){width:12%}
.items th:nth-child(3){width:22%}.items th:nth-child(4){width:14%}
th{background:#f1f4f6}.facts th{width:14rem;background:none;font-weight:600}
.ok{color:#11632f}.not_conforming{color:#a31515;font-weight:600}.not_applicable{color:#5a6570}
.verdict{border-left:.4rem solid #11632f;background:#eef6f0;padding:.6rem .8rem;margin:1rem 0}
.verdict.bad{border-color:#a31515;background:#fbeeee}
.small{font-size:.78rem;color:#46505a}.mono{font-family:ui-monospace,monospace;font-size:.78rem}
figure{margin:.6rem 0}figure img{max-width:100%;max-height:90mm}svg{max-width:100%}
.qr{width:32mm;height:32mm;float:right;margin:0 0 .5rem 1rem}
.sign{display:flex;gap:2rem;margin-top:2.5rem;clear:both}.sign div{flex:1;border-top:1px solid #1c2126;padding-top:.2rem}
@media print{body{margin:0;padding:0;max-width:none;font-size:10.5pt}}
.numbers{font-size:.74rem;overflow-wrap:normal}.numbers th,.numbers td{padding:.2rem .3rem}
.numbers td,.amount{white-space:nowrap}
.numbers td:not(:first-child),.numbers th:not(:first-child){text-align:right;font-variant-numeric:tabular-nums}
</style>
)css";

}  // namespace

std::string page_begin(std::string_view language, std::string_view title,
                       std::string_view heading) {
  std::string page =
      fmt::format("<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n{}", html(language), kHead);
  page += fmt::format("<title>{}</title>\n{}", html(title), kStyle);
  return page + fmt::format("</head>\n<body>\n<h1>{}</h1>\n", html(heading));
}

}  // namespace weco::report
