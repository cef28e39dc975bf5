//! The table of names of laws.

/// Names of laws, codes and ordinances without the leading type word, in force or not.
///
/// The set is open; the table only says where the names end that a rule would cut short
/// (`Khiếu nại, tố cáo`, `Phí và lệ phí`, `Ban hành văn bản quy phạm pháp luật`).
pub(super) const NAMES: &str = "
An ninh mạng|An ninh quốc gia|An toàn thông tin mạng|An toàn thực phẩm|An toàn, vệ sinh lao động|Ban hành quyết định hành chính
Ban hành văn bản quy phạm pháp luật của Hội đồng nhân dân, Ủy ban nhân dân|Ban hành văn bản quy phạm pháp luật|Ban hành các văn bản quy phạm pháp luật
Biên giới quốc gia|Biên phòng Việt Nam|Biển Việt Nam|Bình đẳng giới|Bảo hiểm tiền gửi|Bảo hiểm xã hội|Bảo hiểm y tế|Bảo vệ bí mật nhà nước
Bảo vệ dữ liệu cá nhân|Bảo vệ môi trường|Bảo vệ quyền lợi người tiêu dùng|Bảo vệ sức khỏe nhân dân|Bảo vệ và kiểm dịch thực vật|Bảo vệ và phát triển rừng
Bảo vệ, chăm sóc và giáo dục trẻ em|Báo chí|Bưu chính|Bưu chính, viễn thông|Bầu cử đại biểu Quốc hội và đại biểu Hội đồng nhân dân|Bầu cử đại biểu Quốc hội|Bầu cử đại biểu Hội đồng nhân dân
Chuyển giao công nghệ|Chuyển giao người đang chấp hành án phạt tù|Chuyển đổi số|Chăn nuôi|Chất lượng sản phẩm, hàng hóa|Chứng khoán|Các công cụ chuyển nhượng|Các tổ chức tín dụng
Cán bộ, công chức|Cán bộ công chức|Công an nhân dân|Công an xã|Công chứng|Công nghiệp công nghệ số|Công nghiệp quốc phòng, an ninh và động viên công nghiệp|Công nghệ cao|Công nghệ thông tin
Công đoàn|Căn cước|Căn cước công dân|Cơ quan đại diện nước Cộng hòa xã hội chủ nghĩa Việt Nam ở nước ngoài|Cơ yếu|Cảnh sát biển Việt Nam|Cảnh sát cơ động|Cảnh vệ|Cạnh tranh
Cư trú|Cựu chiến binh|Di sản văn hóa|Doanh nghiệp|Doanh nghiệp nhà nước|Du lịch|Dân quân tự vệ|Dân số|Dược|Dạy nghề|Dẫn độ|Dầu khí|Dữ liệu|Dự trữ quốc gia|Giao dịch điện tử
Giao thông đường bộ|Giao thông đường thủy nội địa|Giá|Giáo dục|Giáo dục nghề nghiệp|Giáo dục quốc phòng và an ninh|Giáo dục đại học|Giám định tư pháp|Hiến, lấy, ghép mô, bộ phận cơ thể người và hiến, lấy xác
Hiến máu nhân đạo|Hàng hải Việt Nam|Hàng không dân dụng Việt Nam|Hòa giải ở cơ sở|Hòa giải, đối thoại tại Tòa án|Hôn nhân và gia đình|Hóa chất|Hải quan|Hỗ trợ doanh nghiệp nhỏ và vừa|Hộ tịch
Hợp tác xã|Hoạt động giám sát của Quốc hội và Hội đồng nhân dân|Hoạt động giám sát của Quốc hội|Hoạt động chữ thập đỏ|Hình sự|Dân sự|Lao động|Tố tụng dân sự|Tố tụng hình sự
Khiếu nại, tố cáo|Khiếu nại|Khoa học và công nghệ|Khoa học, công nghệ và đổi mới sáng tạo|Khoáng sản|Khám bệnh, chữa bệnh|Khí tượng thủy văn|Kinh doanh bảo hiểm|Kinh doanh bất động sản
Kiến trúc|Kiểm toán nhà nước|Kiểm toán độc lập|Ký kết, gia nhập và thực hiện điều ước quốc tế|Kế toán|Luật sư|Lâm nghiệp|Lý lịch tư pháp|Lưu trữ quốc gia|Lưu trữ|Lực lượng dự bị động viên
Lực lượng tham gia bảo vệ an ninh, trật tự ở cơ sở|Mặt trận Tổ quốc Việt Nam|Nghĩa vụ quân sự|Người cao tuổi|Người khuyết tật|Người lao động Việt Nam đi làm việc ở nước ngoài theo hợp đồng
Ngân hàng Nhà nước Việt Nam|Ngân hàng Nhà nước|Ngân sách nhà nước|Nhà giáo|Nhà ở|Nhập cảnh, xuất cảnh, quá cảnh, cư trú của người nước ngoài tại Việt Nam|Nuôi con nuôi|Năng lượng nguyên tử
Phòng bệnh|Phòng cháy, chữa cháy và cứu nạn, cứu hộ|Phòng cháy và chữa cháy|Phòng thủ dân sự|Phòng không nhân dân|Phòng, chống bạo lực gia đình|Phòng, chống bệnh truyền nhiễm|Phòng, chống khủng bố
Phòng, chống ma túy|Phòng, chống mua bán người|Phòng, chống nhiễm vi rút gây ra hội chứng suy giảm miễn dịch mắc phải ở người|Phòng, chống rửa tiền|Phòng, chống tham nhũng|Phòng, chống thiên tai
Phòng, chống tác hại của rượu, bia|Phòng, chống tác hại của thuốc lá|Phí và lệ phí|Phá sản|Phục hồi, phá sản|Phổ biến, giáo dục pháp luật|Phổ cập giáo dục tiểu học
Quy hoạch|Quy hoạch đô thị|Quy hoạch đô thị và nông thôn|Quản lý nợ công|Quản lý ngoại thương|Quản lý thuế|Quản lý, sử dụng tài sản công|Quản lý, sử dụng tài sản nhà nước
Quản lý, sử dụng vốn nhà nước đầu tư vào sản xuất, kinh doanh tại doanh nghiệp|Quản lý và đầu tư vốn nhà nước tại doanh nghiệp|Quản lý, sử dụng vũ khí, vật liệu nổ và công cụ hỗ trợ|Quản lý, bảo vệ công trình quốc phòng và khu quân sự
Quảng cáo|Quân nhân chuyên nghiệp, công nhân và viên chức quốc phòng|Quốc phòng|Quốc tịch Việt Nam|Sĩ quan Quân đội nhân dân Việt Nam|Sở hữu trí tuệ|Sử dụng năng lượng tiết kiệm và hiệu quả
Thanh niên|Thanh tra|Thi hành án dân sự|Thi hành án hình sự|Thi hành tạm giữ, tạm giam và cấm đi khỏi nơi cư trú|Thi hành tạm giữ, tạm giam|Thi đua, khen thưởng|Thú y|Thư viện|Thương mại|Thương mại điện tử
Thể dục, thể thao|Thống kê|Thỏa thuận quốc tế|Thủ đô|Thủy lợi|Thủy sản|Thuế bảo vệ môi trường|Thuế giá trị gia tăng|Thuế sử dụng đất nông nghiệp|Thuế sử dụng đất phi nông nghiệp|Thuế thu nhập cá nhân
Thuế thu nhập doanh nghiệp|Thuế tài nguyên|Thuế tiêu thụ đặc biệt|Thuế xuất khẩu, thuế nhập khẩu|Thực hành tiết kiệm, chống lãng phí|Thực hiện dân chủ ở cơ sở|Thực hiện dân chủ ở xã, phường, thị trấn|Tiêu chuẩn và quy chuẩn kỹ thuật
Tiếp công dân|Tiếp cận thông tin|Tình trạng khẩn cấp|Tín ngưỡng, tôn giáo|Trách nhiệm bồi thường của Nhà nước|Trí tuệ nhân tạo|Trẻ em|Trọng tài thương mại|Trồng trọt|Trợ giúp pháp lý|Trưng cầu ý dân|Trưng mua, trưng dụng tài sản
Trật tự, an toàn giao thông đường bộ|Tài nguyên nước|Tài nguyên, môi trường biển và hải đảo|Tương trợ tư pháp|Tương trợ tư pháp về dân sự|Tương trợ tư pháp về hình sự|Tư pháp người chưa thành niên|Tần số vô tuyến điện
Tố cáo|Tố tụng hành chính|Tổ chức Chính phủ|Tổ chức Hội đồng nhân dân và Ủy ban nhân dân|Tổ chức Quốc hội|Tổ chức Tòa án nhân dân|Tổ chức Viện kiểm sát nhân dân|Tổ chức chính quyền địa phương|Tổ chức cơ quan điều tra hình sự
Việc làm|Viên chức|Viễn thông|Xuất bản|Xuất cảnh, nhập cảnh của công dân Việt Nam|Xây dựng|Xử lý vi phạm hành chính|Điện lực|Điện ảnh|Điều ước quốc tế|Đa dạng sinh học|Đo lường|Đo đạc và bản đồ|Đê điều
Đường bộ|Đường sắt|Đất đai|Đấu giá tài sản|Đấu thầu|Đầu tư|Đầu tư công|Đầu tư nước ngoài tại Việt Nam|Đầu tư theo phương thức đối tác công tư|Đặc xá|Đơn vị hành chính - kinh tế đặc biệt|Địa chất và khoáng sản|Đề phòng
Ưu đãi người có công với cách mạng|Thủ tục bắt giữ tàu biển|Thủ tục giải quyết các vụ án hành chính|Xử lý vi phạm hành chính|Án phí, lệ phí Tòa án|Chi phí tố tụng|Ngoại hối|Giá|Quản lý thị trường
Công nghiệp quốc phòng|Động viên công nghiệp|Cảnh sát môi trường|Hợp nhất văn bản quy phạm pháp luật|Pháp điển hệ thống quy phạm pháp luật|Bảo vệ công trình quan trọng liên quan đến an ninh quốc gia|Dân chủ ở xã, phường, thị trấn
Thực hiện dân chủ cơ sở|Phí, lệ phí|Tổ chức HĐND và UBND|Khai thác và bảo vệ công trình thủy lợi|Tổ chức HĐND và UBND các cấp|Thuế TNDN|Thuế TNCN|Thuế GTGT|Phòng, chống bệnh truyền nhiễm|Xử lý VPHC|Dân sự|Người lao động Việt Nam đi làm việc ở nước ngoài|Công đoàn|Bầu cử đại biểu Quốc hội và đại biểu HĐND|Phòng, chống lụt, bão|Khuyến khích đầu tư trong nước|Hợp tác xã|Công ty|Báo chí, xuất bản|Tổ chức Hội đồng nhân dân và Ủy ban hành chính
";
