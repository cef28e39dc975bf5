-- The query mix of benches/web.sh, for wrk: searches with facets and snippets, as staff type them.
--   40 %  one or two topics without marks, 20 % with marks, 15 % document numbers,
--   10 %  a topic with a condition on type, 10 % with a condition on years, 5 % the second page, newest first.
-- Topics are drawn by Zipf's law from pairs of the words below: some 3,000 different addresses in all.

local plain = {
  "dan van", "tiep cong dan", "van thu luu tru", "cai cach hanh chinh", "dat dai", "xay dung dang", "giao duc", "y te",
  "bao hiem xa hoi", "moi truong", "ngan sach", "dau tu cong", "khen thuong", "ky luat", "khieu nai to cao", "thanh tra",
  "giao thong", "nong nghiep", "lao dong", "viec lam", "thue", "hai quan", "ngan hang", "tin dung", "an toan thuc pham",
  "phong chay chua chay", "quoc phong", "an ninh", "dan toc", "ton giao", "thanh nien", "phu nu", "cong doan",
  "chuyen doi so", "cong nghe thong tin", "so huu tri tue", "khoang san", "tai nguyen nuoc", "xay dung", "nha o",
}
local marked = {
  "dân vận", "tiếp công dân", "văn thư lưu trữ", "cải cách hành chính", "đất đai", "xây dựng đảng", "giáo dục", "y tế",
  "bảo hiểm xã hội", "môi trường", "ngân sách", "đầu tư công", "khen thưởng", "kỷ luật", "khiếu nại tố cáo", "thanh tra",
}
local kinds = { "quyết định", "nghị định", "thông tư", "chỉ thị", "nghị quyết" }
local codes = { "NĐ-CP", "QĐ-TTg", "TT-BTC", "QĐ-UBND", "NQ-CP", "TT-BGDĐT" }

local function encode(text)
  return (text:gsub("[^%w]", function(byte) return string.format("%%%02X", byte:byte()) end))
end

-- Rank r of n with weight 1/r.
local function zipf(list)
  local n = #list
  return list[math.min(n, math.floor(math.exp(math.random() * math.log(n + 1))))]
end

local function topics()
  if math.random() < 0.5 then return zipf(plain) end
  return zipf(plain) .. " " .. zipf(plain)
end

local function address()
  local draw = math.random()
  if draw < 0.40 then return "/search?q=" .. encode(topics()) end
  if draw < 0.60 then return "/search?q=" .. encode(zipf(marked)) end
  if draw < 0.75 then
    return "/search?q=" .. encode(math.random(1, 120) .. "/" .. math.random(2010, 2024) .. "/" .. zipf(codes))
  end
  if draw < 0.85 then return "/search?q=" .. encode(zipf(plain) .. " loại:\"" .. zipf(kinds) .. "\"") end
  if draw < 0.95 then
    local year = math.random(2005, 2020)
    return "/search?q=" .. encode(zipf(plain) .. " năm:" .. year .. ".." .. (year + 4))
  end
  return "/search?q=" .. encode(zipf(plain)) .. "&sort=date&page=2"
end

function init() math.randomseed(20261128) end
function request() return wrk.format("GET", address()) end

function done(summary, latency)
  local errors = summary.errors
  print(string.format("requests/s %.0f  p50 %.1f ms  p99 %.1f ms  max %.1f ms  errors %d",
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
